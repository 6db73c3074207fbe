import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { validate } from 'node-cron';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { configFile } from '../../src/config/schema.ts';
import { allKeys } from '../../src/config/shape.ts';

const ROOT = join(import.meta.dirname, '../..');
const PATH = join(ROOT, 'config/example.yml');

/** What every site has its own way with: the comment says "Yours", or there it depends on the rest. */
const OWN = [
  ['service'],
  ['slack', 'channel'],
  ['people'],
  ['github'],
  ['premerge', 'golden'],
  ...['mail', 'contacts', 'meeting', 'wording'].map((key) => ['notify', key]),
  ['environments', 'staging'],
  ...['root', 'source', 'build', 'shared', 'smoke'].map((key) => ['environments', 'production', key]),
  ['environments', 'production', 'service', 'start'],
  ['environments', 'production', 'service', 'ports'],
];

describe('config/example.yml', () => {
  test('loads', async () => {
    const { config } = await load(await readFile(PATH, 'utf8'));
    expect(Object.keys(config.environments)).toEqual(['production', 'staging']);
  });

  test('shows every key there is', async () => {
    const example: unknown = parse(await readFile(PATH, 'utf8'));
    const missing = allKeys(configFile).filter((path) => !stands(example, path));
    expect(missing.map((path) => path.join('.'))).toEqual([]);
  });

  test('shows the default of everything that has one', async () => {
    const whole = await readFile(PATH, 'utf8');
    const { config } = await load(whole);
    const example: unknown = parse(whole);
    const optional = leaves(example).filter((path) => !OWN.some((own) => own.every((key, index) => path[index] === key)));
    expect(optional.length).toBeGreaterThan(40);
    for (const path of optional) {
      const without = structuredClone(example);
      remove(without, path);
      expect((await load(stringify(without))).config, path.join('.')).toEqual(config);
    }
  });
});

test('the bundled quality gates are the ones MOBIUS has', async () => {
  const { config } = await load(await readFile(PATH, 'utf8'));
  expect(config.qualityGates).toEqual({
    audio: { lufsTolerance: 1, truePeakTolerance: 1 },
    video: { ssimThreshold: 0.995, ssimMethod: 'ffmpeg', frameRateTolerance: 0.1, resolution: { width: 1920, height: 1080 } },
    performance: { responseTimeMax: 200, errorRateMax: 0.1, cpuUsageMax: 70, memoryUsageMax: 80 },
    monitoring: { checkInterval: 30_000, failureThreshold: 3, recoveryThreshold: 5 },
  });
});

function load(yml: string) {
  const readText = (path: string) => (path === PATH ? Promise.resolve(yml) : readFile(path, 'utf8'));
  return loadConfig({ path: PATH, readText, env: {}, isValidCron: validate });
}

function stands(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  if (key === '*') return isTree(value) && Object.values(value).some((child) => stands(child, rest));
  return isTree(value) && Object.hasOwn(value, key) && stands(value[key], rest);
}

/** Paths to everything that is no section: lists are one value. */
function leaves(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (!isTree(value) || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]));
}

function remove(value: unknown, [key, ...rest]: readonly string[]): void {
  if (key === undefined || !isTree(value)) return;
  if (rest.length === 0) delete value[key];
  else remove(value[key], rest);
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
