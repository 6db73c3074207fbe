// Everything around the bot: repository, configuration, local Slack, the first release, the bot as a process, its users.

import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Argv } from '../src/core/config.ts';
import { BotError } from '../src/core/error.ts';
import { type DemoConfig, GITHUB_CHECKS, type Pace, writeDemoConfig } from './config.ts';
import { freePorts } from './free-ports.ts';
import { endProcessesOf } from './leftovers.ts';
import { HOW_TO_INSTALL_GITHUB, type LocalGithub, startLocalGithub } from './local-github.ts';
import { type LocalSlack, startLocalSlack } from './local-slack.ts';
import { createRepository } from './repository.ts';
import { startSlackFront } from './slack-front.ts';
import { startTraffic, type Traffic } from './traffic.ts';
import { until } from './until.ts';

const MARKER = '.dhash-demo';
const FIRST = 'v2.0.0';
const BRANCH_RULE = 'main protected and the checks of every release green';
const SETUP_MS = 60_000;
const START_MS = 30_000;

export interface StageOptions {
  /** A folder of the demo's own: made when it is not there, emptied when an earlier demo made it. */
  readonly dir: string;
  /** How to run the bot's command line, e.g. [node, "src/main.ts"]. */
  readonly dhash: Argv;
  /** PATH, HOME and the like; nothing else of it reaches the bot. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pace: Pace;
  /** Of the local Slack's page; 0 = a free one. */
  readonly slackPort: number;
  readonly print: (line: string) => void;
  /** false = without the local GitHub and its two questions; default: with it where it is installed. */
  readonly github?: boolean;
}

export interface SetStage {
  readonly config: DemoConfig;
  readonly slack: LocalSlack;
  readonly traffic: Traffic;
  /** For GITHUB_API_URL; null = `emulate` is not installed. */
  readonly githubUrl: string | null;
  /** The bot's own /healthz, /metrics and /reports/. */
  readonly botUrl: string;
  readonly botLog: string;
  /** Rejects with BotError `demo-bot-ended` when the bot ends by itself; never resolves. */
  readonly botEnded: Promise<never>;
}

/** Sets the stage, lets `show` happen on it, and takes everything down again, whatever happened. Folders and logs stay. */
export async function withStage<T>(options: StageOptions, show: (stage: SetStage) => Promise<T>): Promise<T> {
  const { dir, pace, print } = options;
  await clearStage(dir);
  await using down = new AsyncDisposableStack();
  print('building the sample service: a git repository with v2.0.0, v2.1.0, v2.2.0 and two bad ones');
  const repository = await createRepository(join(dir, 'git'));
  const github = options.github === false ? null : await startLocalGithub({ git: repository, checks: GITHUB_CHECKS });
  if (github !== null) down.defer(github.close);
  print(github === null ? `no local GitHub: ${HOW_TO_INSTALL_GITHUB}` : `a local GitHub has it, with ${BRANCH_RULE}`);
  const config = await writeDemoConfig({ dir, repository, pace, github });
  const slack = await startLocalSlack({ port: options.slackPort, dir });
  down.defer(slack.stop);
  const front = await startSlackFront(slack.apiUrl);
  down.defer(front.close);
  down.defer(async () => {
    await endProcessesOf(dir);
  });
  print(`putting ${FIRST} live`);
  await goLive(options, config);
  const bot = await startBot(options, config, { slack, apiUrl: front.apiUrl, github });
  down.defer(bot.stop);
  const traffic = startTraffic({ url: config.publicUrl, perSecond: pace.picturesPerSecond });
  down.defer(async () => {
    await traffic.stop();
  });
  const { botUrl, botLog, botEnded } = bot;
  return await Promise.race([show({ config, slack, traffic, githubUrl: github?.apiUrl ?? null, botUrl, botLog, botEnded }), botEnded]);
}

/** An empty folder that is marked as ours; what an earlier demo left there goes, what somebody else has there does not. */
async function clearStage(dir: string): Promise<void> {
  const marker = join(dir, MARKER);
  await mkdir(dir, { recursive: true });
  const found = await readdir(dir);
  if (found.length > 0 && !found.includes(MARKER)) {
    throw new BotError({
      code: 'demo-folder-taken',
      message: `${dir} holds files that no demo made.`,
      hint: 'Move them away, or name another folder.',
    });
  }
  await endProcessesOf(dir);
  await rm(dir, { recursive: true });
  await mkdir(dir, { recursive: true });
  await writeFile(marker, 'Made by "bin/dhash demo"; the next demo in this folder empties it.\n');
}

/** The first release, by the bot's own shell command, without approvals: there is nobody to lose anything yet. */
async function goLive(options: StageOptions, config: DemoConfig): Promise<void> {
  const [program, ...first] = options.dhash;
  const words = [...first, 'deploy', '--env', 'production', '--tag', FIRST, '--no-monitor'];
  const env = { ...basics(options.env), DHASH_CONFIG: config.setupFile };
  const run = await execa(program, words, { env, extendEnv: false, reject: false, all: true, stdin: 'ignore', timeout: SETUP_MS });
  if (run.exitCode === 0) return;
  throw new BotError({
    code: 'demo-setup-failed',
    message: `${FIRST} did not go live: "${words.slice(first.length).join(' ')}" ended with ${run.exitCode ?? run.signal ?? 'no exit code'}.`,
    hint: `DHASH_CONFIG was ${config.setupFile}.`,
    tail: String(run.all).split('\n').slice(-20),
  });
}

async function startBot(
  options: StageOptions,
  config: DemoConfig,
  { slack, apiUrl, github }: { readonly slack: LocalSlack; readonly apiUrl: string; readonly github: LocalGithub | null },
) {
  const [port = 0] = await freePorts(1);
  const [program, ...first] = options.dhash;
  const env = {
    ...basics(options.env),
    DHASH_CONFIG: config.file,
    PORT: String(port),
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: apiUrl,
    ...(github === null ? {} : { GITHUB_API_URL: github.apiUrl, GITHUB_TOKEN: github.token }),
  };
  const botLog = join(options.dir, 'bot.log');
  const child = execa(program, [...first, 'start'], {
    env,
    extendEnv: false,
    reject: false,
    all: true,
    buffer: false,
    stdin: 'ignore',
    forceKillAfterDelay: 10_000,
  });
  child.all?.pipe(createWriteStream(botLog, { flags: 'a' }));
  let stopping = false;
  const botEnded = child.then(async (ended): Promise<never> => {
    if (stopping) return new Promise<never>(() => {});
    const tail = (await readFile(botLog, 'utf8').catch(() => '')).split('\n').slice(-20);
    const message = `The bot ended with ${ended.exitCode ?? ended.signal ?? 'no exit code'}.`;
    throw new BotError({ code: 'demo-bot-ended', message, hint: `Its log: ${botLog}`, tail });
  });
  // Whoever races against it hears of it; until then it is no unhandled rejection.
  botEnded.catch(() => {});
  const stop = async () => {
    stopping = true;
    child.kill('SIGTERM');
    await child;
  };
  const botUrl = `http://127.0.0.1:${port}`;
  const ready = until(() => isConnected(botUrl, slack), { what: 'the bot to connect to Slack', timeoutMs: START_MS });
  await Promise.race([ready, botEnded]).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { botUrl, botLog, botEnded, stop };
}

async function isConnected(botUrl: string, slack: LocalSlack): Promise<boolean> {
  const health = await fetch(`${botUrl}/healthz`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
  const log = await fetch(`${slack.url}/_control/log`, { signal: AbortSignal.timeout(1_000) }).catch(() => null);
  return health !== null && log !== null && (await log.text()).includes('socket connected');
}

function basics(env: StageOptions['env']): Readonly<Record<string, string>> {
  const names = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR'];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
