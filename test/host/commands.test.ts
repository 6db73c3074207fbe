import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readStartTime } from '../../src/host/processes.ts';
import { heldBytes } from '../support/held.ts';
import { aRun, errorOf, freshFolder, recordOf, testCommands, until } from './support/commands.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/host');
const FAMILY = join(FIXTURES, 'family.mjs');
const FLOOD = join(FIXTURES, 'flood.mjs');

test('runs a program with its arguments untouched by any shell', async () => {
  const folder = freshFolder();
  const lines: string[] = [];
  const ended = await testCommands(folder).run(
    aRun(folder, ['node', '-p', 'JSON.stringify(process.argv.slice(1))', '--', '; touch pwned', '$(id)', '*'], {
      onLine: (line) => lines.push(line),
    }),
  );
  expect(lines).toEqual(['["; touch pwned","$(id)","*"]']);
  expect(ended.lastLines).toEqual(lines);
  expect(readdirSync(folder)).toEqual(['run']);
  expect(readdirSync(join(folder, 'run'))).toEqual([]);
});

test('passes on only the allow-listed environment and what the run adds, in the folder of the run', async () => {
  const folder = freshFolder();
  const commands = testCommands(folder, { env: { SLACK_BOT_TOKEN: 'never', TZ: 'UTC' } });
  const { lastLines } = await commands.run(
    aRun(folder, ['node', '-e', 'console.log(process.cwd()); for (const name of Object.keys(process.env).sort()) console.log(name)'], {
      env: { RELEASE_TAG: 'v1.0.0' },
    }),
  );
  expect(lastLines).toEqual([folder, 'DHASH_RUN', 'HOME', 'PATH', 'RELEASE_TAG', 'TZ']);
});

test('gives standard input as empty and interleaves both outputs', async () => {
  const folder = freshFolder();
  const { lastLines } = await testCommands(folder).run(
    aRun(folder, ['sh', '-c', 'cat; echo one; sleep 0.05; echo two >&2; sleep 0.05; printf three']),
  );
  expect(lastLines).toEqual(['one', 'two', 'three']);
});

test('tells a failed command with exit code, tail and probable cause', async () => {
  const folder = freshFolder();
  const error = await errorOf(
    testCommands(folder).run(
      aRun(folder, ['node', '-e', 'console.error("Error: listen EADDRINUSE: address already in use :::9101"); process.exit(3)']),
    ),
  );
  expect(error).toMatchObject({ code: 'command-failed', tail: ['Error: listen EADDRINUSE: address already in use :::9101'] });
  expect(error.message).toMatch(/^`node -e .*ended with exit code 3 after \d+ms$/);
  expect(error.hint).toContain("ss -ltnp 'sport = :9101'");
  expect(readdirSync(join(folder, 'run'))).toEqual([]);
});

test('tells a command that a signal ended', async () => {
  const folder = freshFolder();
  const error = await errorOf(testCommands(folder).run(aRun(folder, ['sh', '-c', 'kill -KILL $$'])));
  expect(error).toMatchObject({ code: 'command-failed' });
  expect(error.message).toContain('was ended by SIGKILL');
  expect(error.hint).toContain('dmesg');
});

test('tells a missing program, a missing folder and a file that may not be executed apart', async () => {
  const folder = freshFolder();
  const commands = testCommands(folder);
  const script = join(folder, 'build.sh');
  writeFileSync(script, '#!/bin/sh\n');
  chmodSync(script, 0o644);

  const program = await errorOf(commands.run(aRun(folder, ['no-such-program', 'x'])));
  expect(program).toMatchObject({ code: 'command-not-found', message: 'The program no-such-program was not found' });
  expect(program.hint).toContain('command -v no-such-program');

  const place = await errorOf(commands.run(aRun(folder, ['node'], { cwd: join(folder, 'gone') })));
  expect(place).toMatchObject({ code: 'command-not-found' });
  expect(place.message).toContain(`its folder ${folder}/gone is not there`);

  const right = await errorOf(commands.run(aRun(folder, [script])));
  expect(right).toMatchObject({ code: 'command-failed', message: `\`${script}\` cannot start: EACCES` });
  expect(right.hint).toContain(`ls -l ${script}`);

  const badWord = await errorOf(commands.run(aRun(folder, ['node', 'a\0b'])));
  expect(badWord.code).toBe('command-failed');
});

test('ends children and grandchildren on timeout, with SIGKILL when they ignore SIGTERM', async () => {
  const folder = freshFolder();
  const lines: string[] = [];
  const error = await errorOf(
    testCommands(folder, { killAfterMs: 300 }).run(
      aRun(folder, ['node', FAMILY, 'stubborn'], { timeoutMs: 1_500, onLine: (line) => lines.push(line) }),
    ),
  );
  expect(error).toMatchObject({ code: 'command-timed-out' });
  expect(error.message).toContain('did not end within 2s and was ended');
  const pids = pidsIn(lines);
  expect(pids).toHaveLength(3);
  expect(pids.map(readStartTime)).toEqual([null, null, null]);
  expect(lines.filter((line) => line.endsWith('ignores SIGTERM'))).toHaveLength(3);
  expect(readdirSync(join(folder, 'run'))).toEqual([]);
});

test('ends the whole group when it is canceled, and does not start when it was canceled before', async () => {
  const folder = freshFolder();
  const commands = testCommands(folder);
  const lines: string[] = [];
  const stop = new AbortController();
  const run = errorOf(commands.run(aRun(folder, ['node', FAMILY, 'plain'], { signal: stop.signal, onLine: (line) => lines.push(line) })));
  await until(() => pidsIn(lines).length === 3, 'all three run');
  stop.abort();
  expect(await run).toMatchObject({ code: 'command-canceled' });
  expect(pidsIn(lines).map(readStartTime)).toEqual([null, null, null]);

  const before = await errorOf(commands.run(aRun(folder, ['touch', 'started'], { signal: stop.signal })));
  expect(before.code).toBe('command-canceled');
  expect(existsSync(join(folder, 'started'))).toBe(false);
});

test('ends what a command leaves running, and does not wait for it', async () => {
  const folder = freshFolder();
  const { lastLines } = await testCommands(folder).run(aRun(folder, ['node', FAMILY, 'orphan']));
  const pids = pidsIn(lastLines);
  expect(pids.length).toBeGreaterThan(0);
  expect(pids.map(readStartTime).filter((time) => time !== null)).toEqual([]);
  expect(lastLines).toContainEqual(expect.stringMatching(/^\[dhash\] ended \d process(es)? that it left running$/));
});

test('keeps the last 40 of 100,000 lines and hands on every one', async () => {
  const folder = freshFolder();
  let count = 0;
  const before = heldBytes();
  const { lastLines } = await testCommands(folder).run(
    aRun(folder, ['node', FLOOD, '100000'], {
      onLine: () => {
        count += 1;
      },
    }),
  );
  expect(count).toBe(100_001);
  expect(lastLines).toHaveLength(40);
  expect(lastLines).toContain('the end');
  expect(heldBytes() - before).toBeLessThan(4 * 1024 * 1024);
});

test('redacts secrets in output, tail and message', async () => {
  const folder = freshFolder();
  const lines: string[] = [];
  const error = await errorOf(
    testCommands(folder, { secrets: ['hunter2hunter2'] }).run(
      aRun(folder, ['sh', '-c', 'echo "key is hunter2hunter2"; echo "DB_PASSWORD=$1"; exit 1', 'sh', 'hunter2hunter2'], {
        onLine: (line) => lines.push(line),
      }),
    ),
  );
  expect(lines).toEqual(['key is [redacted]', 'DB_PASSWORD=[redacted]']);
  expect(error.tail).toEqual(lines);
  expect(JSON.stringify([error.message, error.hint, error.tail])).not.toContain('hunter2');
});

test('names a running command in a file by key, and refuses a second one under it', async () => {
  const folder = freshFolder();
  const commands = testCommands(folder);
  const stop = new AbortController();
  const run = errorOf(commands.run(aRun(folder, ['sleep', '60'], { signal: stop.signal, key: 'd-7k3f9x/build' })));
  const path = await until(() => recordOf(folder, 'd-7k3f9x%2Fbuild'), 'the file is there');
  const record = JSON.parse(readFileSync(path, 'utf8'));
  expect(record).toMatchObject({ key: 'd-7k3f9x/build', pgid: record.pid, startTime: readStartTime(record.pid) });

  const second = await errorOf(commands.run(aRun(folder, ['true'], { key: 'd-7k3f9x/build' })));
  expect(second.code).toBe('command-key-busy');
  stop.abort();
  await run;
  expect(existsSync(path)).toBe(false);
});

test('ends the command and hands on the error when the reader of its lines fails', async () => {
  const folder = freshFolder();
  const pids: number[] = [];
  const run = testCommands(folder).run(
    aRun(folder, ['node', FAMILY, 'plain'], {
      onLine: (line) => {
        pids.push(...pidsIn([line]));
        if (pids.length === 3) throw new Error('the lease is lost');
      },
    }),
  );
  await expect(run).rejects.toThrow('the lease is lost');
  expect(pids.map(readStartTime)).toEqual([null, null, null]);
});

test('begins nothing that may not begin, and leaves alone what another worker runs under the same key', async () => {
  const folder = freshFolder();
  const stop = new AbortController();
  const other = errorOf(testCommands(folder).run(aRun(folder, ['sleep', '60'], { signal: stop.signal })));
  const path = await until(() => recordOf(folder, 'test'), 'the other one runs');
  const run = testCommands(folder).run(
    aRun(folder, ['touch', 'began'], { mayBegin: () => Promise.reject(new Error('the lease is lost')) }),
  );
  await expect(run).rejects.toThrow('the lease is lost');
  expect(existsSync(join(folder, 'began'))).toBe(false);
  expect(recordOf(folder, 'test')).toBe(path);
  expect(readStartTime(JSON.parse(readFileSync(path, 'utf8')).pid)).not.toBeNull();
  stop.abort();
  expect((await other).code).toBe('command-canceled');
});

test('does not begin when another worker takes its work over while it asks whether it may', async () => {
  const folder = freshFolder();
  const run = testCommands(folder).run(
    aRun(folder, ['touch', 'began'], {
      mayBegin: async () => {
        expect(await testCommands(folder).fence('test')).toBe(1);
      },
    }),
  );
  expect((await errorOf(run)).message).toContain('was ended by SIGTERM');
  expect(existsSync(join(folder, 'began'))).toBe(false);
});

test('leaves nothing running when it cannot note what it started', async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, 'run'), 'no folder');
  const commands = testCommands(folder);
  const error = await errorOf(commands.run(aRun(folder, ['sh', '-c', `echo $$ > ${folder}/pid; exec sleep 60`])));
  expect(error.code).toBe('run-record-not-written');
  expect(error.hint).toContain(`ls -ld ${folder}/run`);
  const pid = existsSync(join(folder, 'pid')) ? Number(readFileSync(join(folder, 'pid'), 'utf8')) : 0;
  expect(readStartTime(pid)).toBeNull();
});

function pidsIn(lines: readonly string[]): number[] {
  return lines.flatMap((line) => (line.startsWith('pid ') ? [Number(line.slice(4))] : []));
}
