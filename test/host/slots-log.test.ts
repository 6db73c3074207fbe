import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { boundLog } from '../../src/host/slots/slots-log.ts';
import { launchDetached } from '../../src/host/slots/supervise-launch.ts';
import { freshFolder, hostEnv, until } from './support/commands.ts';

const LIMIT = 10_000_000;
/** Prints 12 MB at once, and then a line whenever it is told to. */
const TALKER = `
process.stdout.write('old\\n'.repeat(500_000) + 'new\\n'.repeat(2_500_000));
let said = 0;
process.on('SIGUSR2', () => process.stdout.write('said ' + (said += 1) + '\\n'));
process.stdout.write('ready\\n');
setInterval(() => {}, 1_000);
`;

test('the log of a running service is cut at 10 MB: the newest part stands beside it, and the service goes on writing', async () => {
  const folder = freshFolder();
  const logPath = join(folder, 'production-blue.log');
  const { pid } = await launchDetached({ argv: [process.execPath, '-e', TALKER], cwd: folder, env: hostEnv(), logPath });
  onTestFinished(() => void process.kill(-pid, 'SIGKILL'));
  await until(() => readFileSync(logPath, 'utf8').endsWith('ready\n'), 'it has printed');
  expect(statSync(logPath).size).toBe(12_000_006);

  await boundLog(logPath);
  expect(statSync(logPath).size).toBe(0);
  const kept = readFileSync(`${logPath}.1`, 'utf8');
  expect([kept.length, kept.endsWith('new\nready\n'), kept.includes('old')]).toEqual([LIMIT, true, false]);

  for (const line of ['said 1\n', 'said 1\nsaid 2\n']) {
    process.kill(pid, 'SIGUSR2');
    await until(() => readFileSync(logPath, 'utf8') === line, 'it printed from the beginning of the file');
  }
  await boundLog(logPath);
  expect(readFileSync(logPath, 'utf8')).toBe('said 1\nsaid 2\n');
  for (const path of [logPath, `${logPath}.1`]) expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('where nothing can be put aside the log is cut all the same, for it may be what fills the disk', async () => {
  const folder = freshFolder();
  const log = join(folder, 'production-blue.log');
  writeFileSync(log, Buffer.alloc(LIMIT + 1, 'x'));
  mkdirSync(`${log}.1`);
  await expect(boundLog(log)).rejects.toThrow();
  expect(statSync(log).size).toBe(0);
});

test('a log that is not there is no trouble', async () => {
  await boundLog(join(freshFolder(), 'production-green.log'));
});
