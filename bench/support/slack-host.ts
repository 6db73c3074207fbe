// What the Slack benches share: a Slack on loopback, the bot and a bare Bolt app as processes of their own, and how to read what they cost.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Agent, request } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process, { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePorts } from '../../src/host/free-ports.ts';
import { APP_TOKEN, BOT_TOKEN } from '../../test/support/slack/strict-slack.ts';

const PROJECT = join(import.meta.dirname, '../..');
export const SIGNING_SECRET = 'bench'.padEnd(32, '0');

export interface Peer {
  readonly port: number;
  readonly pid: number;
  /** From the spawn until it answered. */
  readonly startedMs: number;
  readonly stop: () => Promise<void>;
}

export type Mode = 'http' | 'socket';

export interface BotOptions {
  /** What else stands under its one environment. */
  readonly environment?: object;
  readonly dir?: string;
  readonly role?: 'bot' | 'all';
}

/** `bin/dhash start` on a configuration of its own. */
export async function startBot(
  apiUrl: string,
  mode: Mode,
  { environment = {}, dir = newDir(), role = 'all' }: BotOptions = {},
): Promise<Peer & { readonly dir: string }> {
  const [port = 0, listen = 0, blue = 0, green = 0] = await freePorts(4);
  writeFileSync(join(dir, 'quality-gates.json'), readFileSync(join(PROJECT, 'quality-gates.json')));
  writeFileSync(join(dir, 'dhash.yml'), stringify(configuration(dir, { listen, blue, green }, environment)));
  const peer = await startPeer([join(PROJECT, 'bin/dhash'), 'start', '--role', role], port, '/healthz', {
    DHASH_CONFIG: join(dir, 'dhash.yml'),
    ...slackEnvironment(apiUrl, mode),
  });
  return { ...peer, dir };
}

/** A Bolt app that acks and, when there is an `answer`, tells it to who asked; without a database, a queue or a promise that it arrives. */
export function startBareBolt(apiUrl: string, mode: Mode, answer = ''): Promise<Peer> {
  const secret = mode === 'socket' ? APP_TOKEN : SIGNING_SECRET;
  return freePorts(1).then(([port = 0]) =>
    startPeer([execPath, join(import.meta.dirname, 'bare-bolt.ts'), mode, String(port), apiUrl, BOT_TOKEN, secret, answer], port, '/', {}),
  );
}

const children = new Set<ChildProcess>();
// A bench that breaks off leaves nothing running.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

function slackEnvironment(apiUrl: string, mode: Mode) {
  const entrance = mode === 'socket' ? { SLACK_APP_TOKEN: APP_TOKEN } : { SLACK_SIGNING_SECRET: SIGNING_SECRET };
  return { SLACK_API_URL: apiUrl, SLACK_BOT_TOKEN: BOT_TOKEN, LOG_LEVEL: 'error', ...entrance };
}

export function newDir(): string {
  return mkdtempSync(join(tmpdir(), 'dhash-bench-'));
}

async function startPeer(argv: readonly string[], port: number, path: string, vars: Record<string, string>): Promise<Peer> {
  const from = performance.now();
  const [program = '', ...words] = argv;
  const child = spawn(program, words, {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: homedir(), PORT: String(port), ...vars },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  while (!(await answers(port, path))) {
    if (child.exitCode !== null || performance.now() - from > 30_000) throw new Error(`${argv.join(' ')} did not come up`);
    await sleep(5);
  }
  return { port, pid: child.pid ?? 0, startedMs: performance.now() - from, stop: () => stop(child) };
}

function answers(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    request({ port, path, host: '127.0.0.1', timeout: 1_000 }, (response) => {
      response.resume();
      resolve(true);
    })
      .on('error', () => resolve(false))
      .end();
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await Promise.race([gone, sleep(11_000)]);
  if (child.exitCode === null) child.kill('SIGKILL');
}

export function removeDir(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}

/** Posts one signed `/dhash` command; answers the milliseconds until the ack, or throws when it is not 200. */
export function postCommand(port: number, agent: Agent, text: string, serial: number): Promise<number> {
  const body = new URLSearchParams({
    command: '/dhash',
    text,
    team_id: 'T0TEAM',
    api_app_id: 'A0APP',
    channel_id: 'C0OPS',
    user_id: 'U0LEAD',
    user_name: 'lead',
    trigger_id: `t.${serial}.${port}`,
    response_url: 'http://127.0.0.1:9/unused',
  }).toString();
  const ts = Math.floor(Date.now() / 1_000);
  const signature = `v0=${createHmac('sha256', SIGNING_SECRET).update(`v0:${ts}:${body}`).digest('hex')}`;
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
    'x-slack-request-timestamp': ts,
    'x-slack-signature': signature,
  };
  const from = performance.now();
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/slack/events', method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('end', () =>
        response.statusCode === 200 ? resolve(performance.now() - from) : reject(new Error(`answered ${response.statusCode}`)),
      );
    })
      .on('error', reject)
      .end(body);
  });
}

export interface Cost {
  /** Milliseconds of processor time since the process began. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Pages of 4 kB brought to the disk since the process began. */
  readonly writes: number;
}

export function costOf(pid: number): Cost {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  const written = /^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? '0';
  // Clock ticks are 10 ms on every Linux that Node runs on.
  return { cpuMs: (Number(stat[11]) + Number(stat[12])) * 10, rssBytes: Number(rss) * 1_024, writes: Number(written) / 4_096 };
}

function configuration(dir: string, { listen, blue, green }: { listen: number; blue: number; green: number }, changed: object) {
  return {
    service: 'bench',
    dataDir: join(dir, 'data'),
    defaultEnvironment: 'production',
    slack: { channel: 'C0OPS', team: 'T0TEAM', app: 'A0APP' },
    people: { reviewers: ['U0BOB'], ops: ['U0OPS'], deployLead: 'U0LEAD', oncall: 'U0OPS', shell: {} },
    environments: {
      production: {
        root: join(dir, 'host'),
        source: { git: join(dir, 'none.git') },
        service: { start: ['node', 'server.js'], ports: { blue, green } },
        proxy: { listen },
        backup: { schedule: null },
        checklist: ['backup'],
        approvals: { required: 0, fromOps: 0 },
        ...changed,
      },
    },
  };
}
