import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PACES, writeDemoConfig } from '../../demo/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { parseDuration } from '../../src/core/time.ts';
import { temporaryFolder } from './support.ts';

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  dir = await temporaryFolder();
});
afterEach(() => dir.remove());

const HUB = { repository: 'mobius/dhash', branch: 'main' };
const write = (github: typeof HUB | null = HUB) =>
  writeDemoConfig({ dir: dir.path, repository: '/srv/git/dhash.git', pace: PACES.script, github });
const read = async (file: string) => parse(await readFile(file, 'utf8'));

it('asks two people, one of them Ops/SRE, and nobody for the first release', async () => {
  const config = await write();
  const [demo, setup] = [await read(config.file), await read(config.setupFile)];
  expect(demo.environments.production.approvals).toEqual({ required: 2, fromOps: 1, expiresAfter: '1h' });
  expect(setup.environments.production.approvals).toMatchObject({ required: 0, fromOps: 0 });
  expect({ ...setup, environments: null }).toEqual({ ...demo, environments: null });
  expect(demo.people.reviewers).not.toContain(demo.people.ops[0]);
});

it('points everything at the same public port, three ports in all', async () => {
  const config = await write();
  const { proxy, service, monitor } = (await read(config.file)).environments.production;
  expect(new Set([proxy.listen, service.ports.blue, service.ports.green]).size).toBe(3);
  expect(config.publicUrl).toBe(`http://127.0.0.1:${proxy.listen}`);
  expect([monitor.health, monitor.metrics]).toEqual([`${config.publicUrl}/health`, `${config.publicUrl}/metrics`]);
});

it.each(['file', 'setupFile'] as const)('is a configuration that the bot takes (%s)', async (which) => {
  const config = await write();
  const loaded = await loadConfig({ path: config[which], readText: (path) => readFile(path, 'utf8'), env: {}, isValidCron: () => true });
  const { production } = loaded.config.environments;
  expect(loaded.config.notify.contacts['U0ANA']).toMatchObject({ name: 'ana' });
  expect(loaded.config.dataDir).toBe(config.dataDir);
  expect(production?.root).toBe(config.root);
  expect(production?.service.start).toEqual({ kind: 'process', argv: [process.execPath, 'server.js'] });
  expect(production?.monitor).toMatchObject({ duration: 25_000, afterRollback: 15_000, interval: 1_000 });
});

it('hands the service its setting and the bot its thresholds', async () => {
  const config = await write();
  expect(await readFile(join(config.root, 'shared', '.env'), 'utf8')).toBe('SIMILARITY_WARMUP_MS=12000\n');
  const { quality_gates: gates } = JSON.parse(await readFile(join(dir.path, 'quality-gates.json'), 'utf8'));
  expect(gates.performance).toMatchObject({ response_time_max: 200, error_rate_max: 1 });
  expect(gates.monitoring).toEqual({ check_interval: 1, failure_threshold: 3, recovery_threshold: 5 });
});

it.each(Object.entries(PACES))('leaves the watch of the %s pace long enough to see v2.2.0 fail', (_name, pace) => {
  const watch = parseDuration(pace.watch) ?? 0;
  expect(watch).toBeGreaterThan(pace.similarityWarmupMs + 3 * (parseDuration(pace.interval) ?? 0) + 5_000);
  expect(pace.updates.at(-1)).toBe(pace.watch);
});

it('asks the local GitHub where there is one, and goes on without where there is none', async () => {
  const withIt = await read((await write()).file);
  expect(withIt.environments.production.checklist.slice(0, 3)).toEqual(['branch-protection', 'ci', 'backup']);
  expect(withIt.github).toMatchObject({ ...HUB, requiredChecks: expect.arrayContaining(['golden-checks-ubuntu']) });
  const without = await read((await write(null)).file);
  expect(without.environments.production.checklist[0]).toBe('backup');
  expect(without).not.toHaveProperty('github');
});
