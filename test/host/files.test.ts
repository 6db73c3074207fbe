import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFiles } from '../../src/host/files.ts';
import { createRedactor } from '../../src/host/redact.ts';
import { errorOf, freshFolder } from './support/commands.ts';

function world() {
  const folder = freshFolder();
  const warnings: unknown[] = [];
  const files = createFiles({
    dataDir: folder,
    redact: createRedactor(['hunter2']),
    log: { warn: (facts) => warnings.push(facts['path']) },
  });
  return { folder, files, warnings };
}

test('writes a text and reads it back, making folders and leaving no temporary file', async () => {
  const { folder, files } = world();
  const path = join(folder, 'a/b/c.json');
  expect(await files.read(path)).toBeNull();
  await files.write(path, 'ünïcode 1');
  await files.write(path, 'ünïcode 2');
  expect(await files.read(path)).toBe('ünïcode 2');
  expect(readdirSync(join(folder, 'a/b'))).toEqual(['c.json']);
});

test('tells what stands in the way', async () => {
  const { folder, files } = world();
  const read = await errorOf(files.read(folder));
  expect(read).toMatchObject({
    code: 'file-not-readable',
    message: `Cannot read ${folder}: EISDIR`,
    hint: `${folder} is a folder, a file is expected there.`,
  });
  writeFileSync(join(folder, 'file'), '');
  const write = await errorOf(files.write(join(folder, 'file/x'), ''));
  expect(write.code).toBe('file-not-writable');
  mkdirSync(join(folder, 'taken'));
  expect((await errorOf(files.write(join(folder, 'taken'), ''))).code).toBe('file-not-writable');
  expect(readdirSync(folder).sort()).toEqual(['file', 'taken']);
});

test('appends redacted lines to the log of a job, one line each', () => {
  const { folder, files, warnings } = world();
  files.appendLog('d-7k3f9x', 'one');
  files.appendLog('d-7k3f9x', 'the key is hunter2\nand more');
  expect(readFileSync(join(folder, 'logs/d-7k3f9x.log'), 'utf8')).toBe('one\nthe key is [redacted] and more\n');
  expect(warnings).toEqual([]);
});

test('warns once when a log cannot be written, and goes on', () => {
  const { folder, files, warnings } = world();
  writeFileSync(join(folder, 'logs'), 'a file in the way');
  files.appendLog('a', '1');
  files.appendLog('a', '2');
  expect(warnings).toEqual([join(folder, 'logs/a.log')]);
  rmSync(join(folder, 'logs'));
  files.appendLog('a', '3');
  expect(readFileSync(join(folder, 'logs/a.log'), 'utf8')).toBe('3\n');
});

test.for(['../x', 'a/b', '', '.hidden', 'a..b'])('refuses %j as the name of a log', (name) => {
  expect(() => world().files.appendLog(name, 'x')).toThrow('cannot name a log file');
});

test("what lies in the data folder is the bot's user's alone; what it writes elsewhere has the usual rights", async () => {
  const folder = freshFolder();
  const dataDir = join(folder, 'data');
  const files = createFiles({ dataDir, redact: (text) => text, log: { warn: () => {} } });
  await files.write(join(dataDir, 'reports', 'd-1.md'), 'x');
  files.appendLog('job-1', 'x');
  await files.write(join(folder, 'artifacts', 'report.json'), 'x');
  const rights = (path: string) => statSync(join(folder, path)).mode & 0o077;
  const ours = ['data', 'data/reports', 'data/reports/d-1.md', 'data/logs', 'data/logs/job-1.log'];
  expect(ours.map(rights)).toEqual(ours.map(() => 0));
  expect(rights('artifacts/report.json')).not.toBe(0);
});
