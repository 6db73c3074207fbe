import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { expect, test } from 'vitest';
import { readStartTime } from '../../../src/host/processes.ts';
import { NOON, world } from './world.ts';

const FIXTURE = join(import.meta.dirname, '../../fixtures/backup/create.ts');

test('makes a backup in a niced process that ends with the one that asked for it, also when that is killed', async () => {
  const made = world();
  made.write('shared/data/a', Buffer.alloc(80_000_000, 'some text that repeats but not for ever, '));
  const bot = spawn(execPath, [FIXTURE, made.root, String(NOON), '9'], { stdio: 'ignore' });
  const pid = bot.pid ?? 0;
  const half = () => readdirSync(join(made.root, 'backups')).some((name) => name.startsWith('.tmp-'));
  await until(half);
  const [worker = 0] = childrenOf(pid);
  expect(worker).toBeGreaterThan(0);
  expect(getPriority(worker)).toBe(10);

  bot.kill('SIGKILL');
  await once(bot, 'exit');
  await until(() => readStartTime(worker) === null);
  expect(readStartTime(worker)).toBeNull();
  expect(await made.backups.list(made.environment)).toEqual([]);
});

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

async function until(condition: () => boolean): Promise<void> {
  for (let look = 0; look < 4_000 && !condition(); look += 1) await new Promise((resolve) => setTimeout(resolve, 2));
}
