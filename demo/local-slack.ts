// Starts the `local-slack` program: a Slack workspace in one process, with a web page, for the demo and for end-to-end tests.
//
// What it is (0.1.8, found by trying): Web API on `/api/METHOD`, Socket Mode (`apps.connections.open` -> ws), a control API on `/_control`,
// the page on `/`, which talks over the WebSocket `/ui`. Dialogs can be submitted only over `/ui`.
// What it is not: it takes any token; has no `usergroups.*`, pins, bookmarks or message metadata; checks no block and no text length;
// listens on every network interface; sends each envelope to every open socket (Slack picks one); keeps one dialog for all people; ignores
// `reply_broadcast`; shows ephemeral messages to everybody, never inside a thread; shows no confirm dialog; renders `<!date^...>`,
// `<!subteam^...>`, code blocks and escaped `& < >` as raw text (see slack-front.ts for what the demo does about that).

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { BotError } from '../src/core/error.ts';
import { freePorts, isFree } from '../src/host/free-ports.ts';
import { BOT, CHANNEL, PEOPLE, TEAM } from './people.ts';
import { until } from './until.ts';

const PROGRAM = fileURLToPath(new URL('../node_modules/local-slack-linux-x64/bin/local-slack', import.meta.url));
const START_MS = 20_000;

export interface LocalSlack {
  /** The web page, where people type and click. */
  readonly url: string;
  /** For SLACK_API_URL; ends with a slash. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly channel: string;
  readonly users: typeof PEOPLE;
  readonly pid: number;
  /** SIGTERM, SIGKILL after three seconds; resolves when the process is gone. */
  readonly stop: () => Promise<void>;
}

/** Is the program installed here? It is an optional dependency, for Linux on x64. */
export function localSlackAvailable(): boolean {
  return process.platform === 'linux' && process.arch === 'x64' && existsSync(PROGRAM);
}

export const HOW_TO_INSTALL =
  'The demo needs the local Slack workspace, an optional package for Linux on x64: run "npm ci --include=optional" there. ' +
  'On another platform install https://github.com/parvalabs/local-slack and use the shell commands of bin/dhash meanwhile.';

/** Starts a workspace with the demo's people and #ops. `port` 0 = a free one. Throws BotError `local-slack-missing` or `local-slack-failed`. */
export async function startLocalSlack(options: { readonly port: number; readonly dir: string }): Promise<LocalSlack> {
  if (!localSlackAvailable()) {
    throw new BotError({ code: 'local-slack-missing', message: 'local-slack is not installed.', hint: HOW_TO_INSTALL });
  }
  const port = options.port === 0 ? ((await freePorts(1))[0] ?? 0) : options.port;
  // Asked first: another server there would answer for ours.
  if (!(await isFree(port))) throw failed(`port ${port} is taken`, []);
  const config = join(options.dir, 'local-slack.json');
  await mkdir(options.dir, { recursive: true });
  await writeFile(config, `${JSON.stringify(workspace(), null, 2)}\n`);
  // `files` is given because without it the program makes a folder of its own, which a SIGKILL would leave behind.
  const args = ['--config', config, '--port', String(port), '--base-host', '127.0.0.1', '--files-dir', join(options.dir, 'slack-files')];
  const child = execa(PROGRAM, args, { reject: false, stdin: 'ignore', all: true, buffer: false, forceKillAfterDelay: 3_000 });
  const tail: string[] = [];
  child.all?.setEncoding('utf8').on('data', (text: string) => tail.push(text));
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill('SIGTERM');
    await child;
  };

  const gone = child.then(() => 'gone' as const);
  const answers = until(() => isUp(url), { what: 'local-slack to answer', timeoutMs: START_MS }).then(() => 'up' as const);
  const first = await Promise.race([answers, gone]).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  if (first === 'gone' || child.pid === undefined) {
    await answers.catch(() => 'expected: it is gone');
    throw failed(`it ended before it answered on port ${port}`, tail.join('').split('\n').slice(-10));
  }
  const { botToken, appToken } = tokens;
  return { url, apiUrl: `${url}/api/`, botToken, appToken, channel: CHANNEL, users: PEOPLE, pid: child.pid, stop };
}

function failed(why: string, tail: readonly string[]): BotError {
  return new BotError({
    code: 'local-slack-failed',
    message: `local-slack did not start: ${why}.`,
    hint: 'Without a port of your own choice a free one is used.',
    tail,
  });
}

// Not secrets: local-slack takes any token, and Bolt only looks at how they begin.
const tokens = { botToken: 'xoxb-demo', appToken: 'xapp-1-A0DHASH-demo', signingSecret: 'demo' };

function workspace() {
  const people = Object.values(PEOPLE);
  return {
    workspace: { name: 'MOBIUS (demo)', domain: 'mobius', teamId: TEAM },
    apps: [{ appId: BOT.appId, botUserId: BOT.userId, botName: BOT.name, ...tokens, mode: 'socket' }],
    users: people.map(({ id, name, says }) => ({ id, name, real_name: says, tz: 'UTC' })),
    channels: [
      { id: CHANNEL, name: 'ops', topic: 'Deploys of mobius-dhash: /dhash help', members: [...people.map(({ id }) => id), BOT.userId] },
      { id: 'C0GENERAL', name: 'general', topic: 'Not the place to deploy from', members: people.map(({ id }) => id) },
    ],
  };
}

async function isUp(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/_control/state`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
  return answer?.ok ?? false;
}
