// P13, how fast it is there with a month behind it: `bin/dhash status --json`, and `bin/dhash start` until it is ready.
// Without a worker: that one would start what the made-up month says is live. `node bench/start.ts [runs]`.

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, execPath } from 'node:process';
import { openStore } from '../src/store/open.ts';
import { startStrictSlack } from '../test/support/slack/strict-slack.ts';
import { fillHistory } from './support/history.ts';
import { newDir, removeDir, startBareBolt, startBot } from './support/slack-host.ts';
import { percentile, report } from './support/table.ts';

const DAY = 86_400_000;
/** Ten a day for thirty days. */
const runs = Number(argv[2] ?? 300);
const ROUNDS = 7;
const bin = join(import.meta.dirname, '../bin/dhash');
const slack = await startStrictSlack();
const dir = newDir();
await fill();

const starts: number[] = [];
const bare: number[] = [];
const status: number[] = [];
const node: number[] = [];
for (let round = -1; round < ROUNDS; round += 1) {
  const bot = await startBot(slack.apiUrl, 'socket', { dir, role: 'bot' });
  await bot.stop();
  const peer = await startBareBolt(slack.apiUrl, 'socket');
  await peer.stop();
  const asked = timeOf(bin, ['status', '--json']);
  const nothing = timeOf(execPath, ['-e', '0']);
  // The first start compiles what the others find.
  if (round < 0) continue;
  starts.push(bot.startedMs);
  bare.push(peer.startedMs);
  status.push(asked);
  node.push(nothing);
}
await slack.stop();
removeDir(dir);
report(
  [
    row(`start until ready with ${runs} deploys of 30 days (socket)`, starts, bare, 1_500),
    row(`bin/dhash status --json with ${runs} deploys`, status, node, 400),
  ],
  { runs },
);

async function fill(): Promise<void> {
  mkdirSync(join(dir, 'data'), { recursive: true, mode: 0o700 });
  const { store, outbox, close } = openStore({ path: join(dir, 'data/dhash.db'), now: Date.now });
  const from = Date.now() - 30 * DAY;
  await fillHistory(store, runs, (run) => Math.round(from + (run * 30 * DAY) / (runs + 1)));
  // All of it was told when it happened.
  await outbox.enqueue([], { name: 'slack', from: 0, to: (await store.head())?.seq ?? 0 });
  close();
}

function timeOf(program: string, words: readonly string[]): number {
  const from = performance.now();
  execFileSync(program, words, { stdio: 'ignore', env: { ...env, DHASH_CONFIG: join(dir, 'dhash.yml') } });
  return performance.now() - from;
}

function row(what: string, ours: readonly number[], peer: readonly number[], most: number) {
  const [one, other] = [percentile(ours, 0.5), percentile(peer, 0.5)];
  return {
    ...{ target: 'P13', what: `${what}, ms`, ours: one.toFixed(0), peer: other.toFixed(0), ratio: one / other },
    ...{ want: `<= ${most} ms`, met: one <= most },
  };
}
