// How fast /dhash is acked with the request durable, against a bare Bolt app that only acks, and what the whole answer takes, against one that also
// answers: `node bench/ack.ts [seconds]`. Each alone, by turns.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { argv, execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStrictSlack } from '../test/support/slack/strict-slack.ts';
import { costOf, newDir, type Peer, postCommand, removeDir, startBareBolt, startBot } from './support/slack-host.ts';
import { percentile, type Row, report } from './support/table.ts';
import { fillTree } from './support/tree.ts';

interface Load {
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds of processor time for one command. */
  readonly cpuMs: number;
}

const seconds = Number(argv[2] ?? 15);
const WARM_UP = 40;
/** As long as what /dhash help tells. */
const ANSWER = 'Deploys, watches and rolls back. '.repeat(60);
// Without its limit of calls a minute: every answer goes out, ours and the peer's.
const fake = await startStrictSlack({ unverified: { burst: 1_000 } });
const bot = await startBot(fake.apiUrl, 'http');
const bare = await startBareBolt(fake.apiUrl, 'http');
const answering = await startBareBolt(fake.apiUrl, 'http', ANSWER);
const rows: Row[] = [];
let serial = 0;

for (const rate of [20, 100]) {
  const ours = await load(bot, rate);
  rows.push(...judge(`${rate}/s`, ours, await load(bare, rate)), answered(`${rate}/s`, ours, await load(answering, rate)));
}
// Backups as the bot makes them, one after the other, and nothing else: what zip would do beside it is not the bot's.
const root = newDir();
fillTree({ data: join(root, 'shared/data'), program: join(root, 'shared/data/program'), megabytes: 300, files: 5_000 });
const maker = join(import.meta.dirname, '../test/fixtures/backup/create.ts');
const busy = spawn(execPath, [maker, root, String(Date.now()), '999'], { stdio: 'ignore' });
rows.push(...judge('20/s beside backups', await load(bot, 20), await load(bare, 20)));
const gone = once(busy, 'exit');
busy.kill();
await gone;
removeDir(root);
await Promise.all([bot.stop(), bare.stop(), answering.stop()]);
removeDir(bot.dir);
await fake.stop();
report(rows, { seconds });

/** An open loop: the next command is sent when its time has come, whether or not the last one was answered. */
async function load({ port, pid }: Peer, rate: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true });
  for (let at = 0; at < WARM_UP; at += 1) await send(port, agent);
  const before = costOf(pid);
  const from = performance.now();
  const count = rate * seconds;
  const sent: Promise<number>[] = [];
  for (let at = 0; at < count; at += 1) {
    await sleep(Math.max(0, from + (at * 1_000) / rate - performance.now()));
    sent.push(send(port, agent));
  }
  const times = await Promise.all(sent);
  // What a command costs is more than its ack: the answer is worked off and sent as well.
  await sleep(1_000);
  const { cpuMs } = costOf(pid);
  agent.destroy();
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), cpuMs: (cpuMs - before.cpuMs) / count };
}

function send(port: number, agent: Agent): Promise<number> {
  serial += 1;
  return postCommand(port, agent, 'help', serial);
}

function judge(what: string, ours: Load, peer: Load): readonly Row[] {
  return [
    lineOf(`ack, median, ${what}`, ours.p50, peer.p50, '<= 100 ms', ours.p50 <= 100),
    lineOf(`ack, p99, ${what}`, ours.p99, peer.p99, '<= 2 x and <= 500 ms', ours.p99 <= 2 * peer.p99 && ours.p99 <= 500),
    lineOf(`processor time: whole answer / ack alone, ${what}`, ours.cpuMs, peer.cpuMs, '<= 1.25 x', ours.cpuMs <= 1.25 * peer.cpuMs),
  ];
}

function answered(what: string, ours: Load, peer: Load): Row {
  return lineOf(`processor time: whole answer / Bolt's, ${what}`, ours.cpuMs, peer.cpuMs, '<= 1.25 x', ours.cpuMs <= 1.25 * peer.cpuMs);
}

function lineOf(what: string, ours: number, peer: number, want: string, met: boolean): Row {
  return { target: 'P10', what, ours: `${ours.toFixed(1)} ms`, peer: `${peer.toFixed(1)} ms`, ratio: ours / peer, want, met };
}
