import { describe, expect, test } from 'vitest';
import { runSmoke } from '../../src/checks/smoke.ts';
import type { BotError } from '../../src/core/error.ts';
import type { CommandRun, HttpAnswer, SlotStatus } from '../../src/core/ports.ts';
import { answer, commands, declared, failed, http, refused } from './support.ts';

const TARGET = { release: '/srv/releases/v2.1.0-a', tag: 'v2.1.0' };
const RUNNING: SlotStatus = { kind: 'running', pid: 7, ...TARGET };

interface World {
  readonly smoke: unknown;
  readonly answers?: Record<string, HttpAnswer>;
  readonly fails?: (run: CommandRun) => BotError | null;
  readonly status?: SlotStatus;
  readonly markers?: { readonly version: string | null; readonly current: string | null };
  readonly signal?: AbortSignal;
}

async function world({ smoke, answers = {}, fails, status = RUNNING, markers = { version: null, current: null }, signal }: World) {
  const { environment } = await declared('environments.production.smoke', smoke);
  const lines: string[] = [];
  const ports = {
    http: http(answers),
    commands: commands(fails),
    releases: { markers: async () => markers },
    slots: { status: async () => status },
    traffic: { publicUrl: () => 'http://127.0.0.1:8080', active: async () => 'blue' as const },
  };
  const context = {
    environment,
    ports,
    job: { id: 'd-1' },
    signal: signal ?? new AbortController().signal,
    log: (line: string) => lines.push(line),
  };
  return { context, ports, lines };
}

describe('smoke tests', () => {
  test('ask the public port and run commands in the release, in order', async () => {
    const { context, ports, lines } = await world({
      smoke: [
        { name: 'health', get: '/health' },
        { name: 'hash', run: ['npm', 'run', 'smoke'], timeout: '9s' },
        { name: 'gone', get: '/old', expect: 410 },
      ],
      answers: { '/health': answer('{}'), '/old': answer('', 410) },
    });
    expect(await runSmoke(context)).toEqual({
      passed: true,
      results: [
        { name: 'health', critical: true, passed: true, detail: '200 in 12ms' },
        { name: 'hash', critical: true, passed: true, detail: 'npm run smoke in 1s' },
        { name: 'gone', critical: true, passed: true, detail: '410 in 12ms' },
      ],
    });
    expect(ports.http.asked).toEqual(['http://127.0.0.1:8080/health', 'http://127.0.0.1:8080/old']);
    expect(ports.commands.runs[0]).toMatchObject({
      argv: ['npm', 'run', 'smoke'],
      cwd: TARGET.release,
      env: { PUBLIC_URL: 'http://127.0.0.1:8080', RELEASE_TAG: 'v2.1.0', RELEASE_VERSION: 'v2.1.0' },
      timeoutMs: 9_000,
      key: 'd-1',
    });
    expect(lines[0]).toBe('smoke health: passed, 200 in 12ms');
  });

  test('pass when only one that is not critical fails, and go on after it', async () => {
    const { context } = await world({
      smoke: [
        { name: 'nice', get: '/nice', critical: false },
        { name: 'health', get: '/health' },
      ],
      answers: { '/nice': answer('', 500), '/health': answer('') },
    });
    const judged = await runSmoke(context);
    expect(judged.passed).toBe(true);
    expect(judged.results.map(({ passed }) => passed)).toEqual([false, true]);
  });

  test.each<[string, Omit<World, 'smoke'>, unknown, string]>([
    [
      'another status',
      { answers: { '/health': answer('', 503) } },
      { get: '/health' },
      'http://127.0.0.1:8080/health answered 503, not 200',
    ],
    [
      'no answer',
      { answers: { '/health': refused } },
      { get: '/health' },
      'http://127.0.0.1:8080/health gave no answer: ECONNREFUSED, nobody listens',
    ],
    [
      'a command that fails',
      { fails: () => failed('command-failed', ['one', 'expected 2 hashes']) },
      { run: ['x'] },
      'it ended as command-failed: expected 2 hashes',
    ],
    ['a command that hangs', { fails: () => failed('command-timed-out') }, { run: ['x'] }, 'it ended as command-timed-out'],
    [
      'nothing live to run in',
      { status: { kind: 'stopped' } },
      { run: ['x'] },
      'nothing is live in production: there is no release to run it in',
    ],
  ])('fail by %s', async (_title, given, smoke, detail) => {
    const { context } = await world({ ...given, smoke: [{ name: 'it', ...(smoke as object) }] });
    expect(await runSmoke(context)).toEqual({ passed: false, results: [{ name: 'it', critical: true, passed: false, detail }] });
  });

  test('pass where none are declared', async () => {
    const { context } = await world({ smoke: [] });
    expect(await runSmoke(context)).toEqual({ passed: true, results: [] });
  });

  test('run in the release they are told', async () => {
    const { context, ports } = await world({ smoke: [{ name: 'x', run: ['x'] }] });
    await runSmoke(context, { release: '/srv/releases/v9', tag: 'v9.0.0' });
    expect(ports.commands.runs[0]).toMatchObject({ cwd: '/srv/releases/v9', env: { RELEASE_TAG: 'v9.0.0' } });
  });

  test('run in the marked release where the slot cannot say which it runs', async () => {
    const { context, ports } = await world({
      smoke: [{ name: 'x', run: ['x'] }],
      status: { kind: 'running', pid: 7, release: null, tag: null },
      markers: { version: 'v2.0.0', current: '/srv/releases/v2.0.0' },
    });
    await runSmoke(context);
    expect(ports.commands.runs[0]).toMatchObject({ cwd: '/srv/releases/v2.0.0', env: { RELEASE_TAG: 'v2.0.0' } });
  });

  test('judge nothing when they are cut short', async () => {
    const { context } = await world({ smoke: [{ name: 'health', get: '/health' }], signal: AbortSignal.abort() });
    await expect(runSmoke(context)).rejects.toMatchObject({ code: 'smoke-canceled' });
  });
});
