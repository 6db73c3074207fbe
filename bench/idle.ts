// What the bot costs while nothing happens, and how fast it is there, against a bare Bolt app: `node bench/idle.ts [seconds]`.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { argv, execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStrictSlack } from '../test/support/slack/strict-slack.ts';
import { costOf, type Mode, type Peer, removeDir, startBareBolt, startBot } from './support/slack-host.ts';
import { percentile, type Row, report } from './support/table.ts';

const seconds = Number(argv[2] ?? 30);
const MB = 1_048_576;
const REPEATS = 5;
const fake = await startStrictSlack();
const rows: Row[] = [];

for (const mode of ['socket', 'http'] as const) {
  const bot = await startBot(fake.apiUrl, mode);
  const bare = await startBareBolt(fake.apiUrl, mode);
  const [ours, peer] = await Promise.all([idle(bot), idle(bare)]);
  await Promise.all([bot.stop(), bare.stop()]);
  removeDir(bot.dir);
  rows.push(
    row('P14', `memory when idle (${mode}), MB`, ours.mb, peer.mb, '<= 1.3 x and < 120 MB', (ratio) => ratio <= 1.3 && ours.mb < 120),
    row('P14', `of a core when idle (${mode}), %`, ours.cpu, peer.cpu, '< 1 %', () => ours.cpu < 1),
    row('P14', `pages written to the disk a second when idle (${mode})`, ours.writes, peer.writes, '< 1', () => ours.writes < 1),
  );
}

const starts = { ours: await startTimes('bot'), peer: await startTimes('bare') };
rows.push(row('P13', 'start until ready (socket), ms', starts.ours, starts.peer, '<= 1,500 ms', () => starts.ours <= 1_500));
const bin = join(import.meta.dirname, '../bin/dhash');
const help = timesOf(bin, ['help']);
const node = timesOf(execPath, ['-e', '0']);
rows.push(row('P13', 'bin/dhash help, ms', help, node, '<= 400 ms', () => help <= 400));
await fake.stop();
report(rows, { seconds });

async function idle({ pid }: Peer): Promise<{ readonly mb: number; readonly cpu: number; readonly writes: number }> {
  await sleep(5_000);
  const before = costOf(pid);
  await sleep(seconds * 1_000);
  const after = costOf(pid);
  return {
    mb: after.rssBytes / MB,
    cpu: (after.cpuMs - before.cpuMs) / seconds / 10,
    writes: (after.writes - before.writes) / seconds,
  };
}

async function startTimes(who: 'bot' | 'bare', mode: Mode = 'socket'): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < REPEATS; turn += 1) {
    const peer = await (who === 'bot' ? startBot(fake.apiUrl, mode) : startBareBolt(fake.apiUrl, mode));
    times.push(peer.startedMs);
    await peer.stop();
  }
  return percentile(times, 0.5);
}

function timesOf(program: string, words: readonly string[]): number {
  const times = Array.from({ length: REPEATS * 2 }, () => {
    const from = performance.now();
    execFileSync(program, words, { stdio: 'ignore' });
    return performance.now() - from;
  });
  return percentile(times, 0.5);
}

function row(target: string, what: string, ours: number, peer: number, want: string, met: (ratio: number) => boolean): Row {
  const ratio = peer === 0 ? null : ours / peer;
  return { target, what, ours: ours.toFixed(1), peer: peer.toFixed(1), ratio, want, met: met(ratio ?? 0) };
}
