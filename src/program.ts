// What `bin/dhash` does with its words: the program's own verbs here, everything else the same way as from Slack.

import { join, resolve } from 'node:path';
import { shellActor } from './cli/actor.ts';
import { EXIT, type ExitCode } from './cli/exit.ts';
import { helpText } from './cli/help.ts';
import type { Output } from './cli/output.ts';
import { runShellCommand } from './cli/shell.ts';
import { isRefusal } from './commands/environment.ts';
import { COMMANDS } from './commands/registry.ts';
import { parseWords } from './commands/words.ts';
import { type Composed, compose } from './compose.ts';
import { type Loaded, loadConfig } from './config/load.ts';
import { asBotError, BotError } from './core/error.ts';
import type { Files } from './core/ports.ts';
import { ownProcess } from './host/processes.ts';
import { isValidCron } from './host/schedule.ts';
import { createGroups, type GroupCache, groupIds } from './slack/groups.ts';
import { httpManifest } from './slack/manifest.ts';
import { parseRole, start } from './start.ts';

const DEMO_SLACK_PORT = 3100;

export interface ProgramOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly user: string;
  /** Where package.json, manifest.yml and demo/ are. */
  readonly projectDir: string;
  readonly readText: Files['read'];
  readonly output: Output;
  readonly stderr: { readonly write: (text: string) => unknown };
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly onUnhandled: (report: (thrown: unknown) => void) => void;
}

export async function runProgram(options: ProgramOptions): Promise<ExitCode> {
  try {
    return await dispatch(options);
  } catch (thrown) {
    const error = asBotError(thrown);
    options.output.trouble(`dhash: ${error.message}`);
    if (error.hint !== null) options.output.trouble(error.hint);
    for (const line of error.tail) options.output.trouble(`  | ${line}`);
    return ['usage', 'config-invalid', 'secrets-missing'].includes(error.code) ? EXIT.usage : EXIT.failed;
  }
}

async function dispatch(options: ProgramOptions): Promise<ExitCode> {
  const [verb, ...rest] = options.argv;
  switch (verb) {
    case undefined:
    case 'help':
    case '--help':
      for (const line of helpText(COMMANDS)) options.output.line(line);
      return EXIT.done;
    case 'start':
      return runBot(options, rest);
    case 'demo':
      return demo(options, rest);
    case 'config':
      return checkConfig(options, rest);
    case 'manifest':
      return printManifest(options, rest);
    case 'audit':
      return audit(options, rest);
    case 'golden':
      return golden(options, rest);
    default:
      return shell(options);
  }
}

function load({ env, readText }: ProgramOptions): Promise<Loaded> {
  return loadConfig({ path: resolve(env['DHASH_CONFIG'] ?? 'dhash.yml'), readText, env, isValidCron });
}

async function runBot(options: ProgramOptions, words: readonly string[]): Promise<ExitCode> {
  const flags = flagsOf(words, { role: 'value' }, 'bin/dhash start [--role bot|worker|all]');
  const role = parseRole(typeof flags['role'] === 'string' ? flags['role'] : 'all');
  const logTo = { write: (line: string) => void options.stderr.write(line) };
  const running = await start({ loaded: await load(options), role, env: options.env, logTo });
  options.onUnhandled((thrown) => options.output.trouble(`dhash: ${asBotError(thrown).message}`));
  if (running.port !== null) options.output.line(`dhash is up (${role}); /healthz on port ${running.port}`);
  else options.output.line(`dhash is up (${role})`);
  await aborted(options.signal);
  await running.stop();
  return EXIT.done;
}

async function demo(options: ProgramOptions, words: readonly string[]): Promise<ExitCode> {
  const flags = flagsOf(words, { script: 'switch' }, 'bin/dhash demo [--script]');
  // Loaded only here: the program must not need the demo.
  const { runDemo } = await import('../demo/demo.ts');
  const { projectDir, env, output, signal } = options;
  const script = flags['script'] === true;
  // A folder of its own for the script, so that each run tells the story from its beginning.
  const dir = resolve(script ? join('demo-data', `script-${ownProcess().pid}`) : 'demo-data/people');
  await runDemo({
    script,
    dir,
    dhash: [join(projectDir, 'bin', 'dhash')],
    env,
    slackPort: script ? 0 : DEMO_SLACK_PORT,
    print: output.line,
    signal,
  });
  return EXIT.done;
}

async function checkConfig(options: ProgramOptions, words: readonly string[]): Promise<ExitCode> {
  if (words.join(' ') !== 'check') throw usage('bin/dhash config check');
  const { config } = await load(options);
  options.output.line(`The configuration is good: ${Object.keys(config.environments).join(', ')}.`);
  return EXIT.done;
}

async function printManifest(options: ProgramOptions, words: readonly string[]): Promise<ExitCode> {
  const flags = flagsOf(words, { http: 'value' }, 'bin/dhash manifest [--http https://...]');
  const text = await options.readText(join(options.projectDir, 'manifest.yml'));
  if (text === null)
    throw new BotError({
      code: 'manifest-missing',
      message: 'manifest.yml is not beside package.json',
      hint: 'Check the installation out again.',
    });
  const { http } = flags;
  options.output.line((typeof http === 'string' ? httpManifest(text, http) : text).trimEnd());
  return EXIT.done;
}

async function audit(options: ProgramOptions, words: readonly string[]): Promise<ExitCode> {
  const [verb] = words;
  if (words.length !== 1 || (verb !== 'verify' && verb !== 'export')) throw usage('bin/dhash audit verify|export');
  const composed = composeShell(options, await load(options), null);
  try {
    if (verb === 'export') {
      for (const line of composed.opened.audit.exportEvents()) options.output.line(line);
      return EXIT.done;
    }
    const { count, broken, head } = await composed.opened.audit.verifyChain();
    if (broken === null)
      options.output.line(`The chain holds: ${count} events, newest ${head === null ? 'none' : `${head.seq} ${head.hash}`}.`);
    else options.output.trouble(`The chain is broken at event ${broken.seq}: ${broken.why}. ${count} events before it hold.`);
    return broken === null ? EXIT.done : EXIT.failed;
  } finally {
    composed.opened.close();
  }
}

async function golden(options: ProgramOptions, words: readonly string[]): Promise<ExitCode> {
  // Loaded only here: the bot itself checks through its ports.
  const { openGoldenTool } = await import('./golden-open.ts');
  return openGoldenTool({ ...options, words, load: () => load(options) });
}

async function shell(options: ProgramOptions): Promise<ExitCode> {
  const loaded = await load(options);
  const { config } = loaded;
  const followed = { requestId: '' };
  const groups = { cache: null as GroupCache | null };
  const composed: Composed = composeShell(
    options,
    loaded,
    async () => {
      const jobs = await composed.opened.store.jobs({ requestId: followed.requestId, open: true });
      return jobs.map(({ id }) => id);
    },
    groups,
  );
  const { app, opened, ports, owner } = composed;
  const { store } = opened;
  groups.cache = createGroups({
    ids: groupIds(config.people),
    list: async () => ({ kind: 'unsent', code: 'not-asked' }),
    store,
    clock: ports.clock,
    log: ports.log,
  });
  await groups.cache.load();
  const carrying: Promise<void>[] = [];
  try {
    return await runShellCommand({
      words: options.argv.filter((word) => word !== '--json'),
      json: options.argv.includes('--json'),
      actor: shellActor(options.user, config.people),
      people: config.people,
      handle: app.handle,
      word: app.word,
      store,
      clock: ports.clock,
      output: options.output,
      dedupeKey: `shell:${owner}:${ports.clock.now()}`,
      carry: async (requestId) => {
        if (await workerLives(composed)) return false;
        followed.requestId = requestId;
        carrying.push(app.engine.run());
        return true;
      },
      signal: options.signal,
    });
  } finally {
    if (carrying.length > 0) await app.engine.drain();
    await Promise.all(carrying);
    opened.close();
  }
}

async function workerLives({ opened, isOwnerDead }: Composed): Promise<boolean> {
  const processes = await opened.processes.list();
  return processes.some(({ owner, role }) => (role === 'worker' || role === 'all') && !isOwnerDead(owner));
}

function composeShell(
  options: ProgramOptions,
  loaded: Loaded,
  only: (() => Promise<readonly string[]>) | null,
  groups?: { readonly cache: GroupCache | null },
): Composed {
  const logTo = { write: (line: string) => void options.stderr.write(line) };
  return compose({ loaded: quieter(loaded), env: options.env, logTo, groups: () => groups?.cache ?? { members: () => null }, only });
}

/** A person reads this terminal: only trouble is logged, unless LOG_LEVEL says otherwise. */
function quieter(loaded: Loaded): Loaded {
  return loaded.settings.logLevel === 'info' ? { ...loaded, settings: { ...loaded.settings, logLevel: 'error' } } : loaded;
}

function flagsOf(words: readonly string[], flags: Parameters<typeof parseWords>[1], line: string): Readonly<Record<string, string | true>> {
  const parsed = parseWords(words, flags, line, 0);
  if (isRefusal(parsed)) throw new BotError({ code: 'usage', message: parsed.message, hint: parsed.hint });
  return parsed.flags;
}

function usage(line: string): BotError {
  return new BotError({ code: 'usage', message: `Write: ${line}`, hint: null });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
