import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { partMark } from '../../src/core/output.ts';
import { runProgram } from '../../src/program.ts';
import { openStore } from '../../src/store/open.ts';
import { GATES, minimal } from '../config/support.ts';
import { freshFolder } from '../host/support/commands.ts';
import { aJob, aRequest } from '../store/records.ts';

let folder = '';

beforeEach(async () => {
  folder = freshFolder();
  writeFileSync(join(folder, 'dhash.yml'), stringify(minimal()));
  writeFileSync(join(folder, 'quality-gates.json'), GATES);
  const { store, close } = openStore({ path: join(folder, 'data', 'dhash.db'), now: () => 1 });
  await store.commit(
    [
      { kind: 'request.create', request: aRequest({ id: 'd-7k3f9x' }) },
      { kind: 'job.create', job: aJob({ requestId: 'd-7k3f9x' }) },
    ],
    [],
    1,
  );
  close();
  mkdirSync(join(folder, 'data', 'logs'), { recursive: true });
  const mark = (step: string, attempt: number) => partMark({ step, direction: 'forward', attempt }, 0);
  const lines = [mark('fetch', 1), 'fetched', mark('build', 1), 'npm \u001b[2JERR!', mark('build', 2), 'built', ''];
  writeFileSync(join(folder, 'data', 'logs', 'job-j-1.log'), lines.join('\n'));
});

async function said(...argv: string[]) {
  const lines: string[] = [];
  const trouble: string[] = [];
  const exit = await runProgram({
    argv,
    env: { DHASH_CONFIG: join(folder, 'dhash.yml') },
    user: 'nobody',
    projectDir: '/nowhere',
    readText: (path) => readFile(path, 'utf8').catch(() => null),
    output: { line: (text) => lines.push(text), trouble: (text) => trouble.push(text), current: () => {} },
    stderr: { write: () => true },
    signal: new AbortController().signal,
    onUnhandled: () => {},
  });
  return { exit, lines, trouble };
}

test('prints one step with all its attempts, without what could drive the terminal', async () => {
  expect(await said('log', 'd-7k3f9x', 'build')).toEqual({
    exit: 0,
    lines: ['=== build attempt 1, 1970-01-01T00:00:00Z', 'npm  [2JERR!', '=== build attempt 2, 1970-01-01T00:00:00Z', 'built'],
    trouble: [],
  });
});

test('prints everything where no step is named', async () => {
  expect((await said('log', 'd-7k3f9x')).lines).toHaveLength(6);
});

test('says which steps have printed something, and which request may be meant', async () => {
  expect(await said('log', 'd-7k3f9x', 'switch')).toEqual({
    exit: 1,
    lines: [],
    trouble: ['step "switch" of d-7k3f9x has printed nothing', 'These have: fetch, build.'],
  });
  expect(await said('log', 'd-7k3f9')).toMatchObject({ exit: 3, trouble: [expect.any(String), 'Did you mean d-7k3f9x?'] });
  expect((await said('log')).exit).toBe(2);
});

test('status --watch exits 2 for an environment that is not there', async () => {
  expect(await said('status', 'prod', '--watch')).toMatchObject({
    exit: 2,
    trouble: [expect.stringContaining('no environment "prod"'), expect.any(String)],
  });
});
