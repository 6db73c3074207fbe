// Commands of the run: what is declared, or npm's own word for it where package.json has the script.

import { join } from 'node:path';
import { z } from 'zod';
import type { Argv, PremergeConfig } from '../core/config.ts';
import { BotError } from '../core/error.ts';
import { type DurationMs, formatDuration } from '../core/time.ts';
import type { PremergeContext, StageOutcome } from './stage.ts';

type Name = keyof PremergeConfig['commands'];

const SCRIPTS: Readonly<Record<Exclude<Name, 'install'>, { readonly script: string; readonly argv: Argv }>> = {
  lint: { script: 'lint', argv: ['npm', 'run', 'lint'] },
  test: { script: 'test', argv: ['npm', 'test'] },
  build: { script: 'build', argv: ['npm', 'run', 'build'] },
  migrateDryRun: { script: 'migrate:dry-run', argv: ['npm', 'run', 'migrate:dry-run'] },
};

const manifest = z.object({ scripts: z.record(z.string(), z.string()).optional() });

/** Runs it in `cwd` (default: the checkout); a failure is thrown, with the tail and the probable cause. */
export async function declared(context: PremergeContext, name: Name, more: Partial<Said> = {}): Promise<StageOutcome> {
  const argv = await commandFor(context, name);
  if (argv === null) return notDeclared(`premerge.${name}`);
  const { durationMs } = await say(context, argv, more);
  return { kind: 'passed', evidence: `${argv.join(' ')} in ${formatDuration(durationMs)}` };
}

export function notDeclared(where: string): StageOutcome {
  return { kind: 'skipped', evidence: `not declared (${where} in dhash.yml)` };
}

interface Said {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

export async function say(context: PremergeContext, argv: Argv, more: Partial<Said> = {}): Promise<{ readonly durationMs: DurationMs }> {
  const { ports, folder, variables, signal, log, key, config } = context;
  log(`$ ${argv.join(' ')}`);
  const onLine = (line: string) => {
    log(line);
    more.onLine?.(line);
  };
  return ports.commands.run({
    argv,
    cwd: more.cwd ?? folder,
    env: { ...variables, ...more.env },
    timeoutMs: config.premerge.timeout,
    signal,
    onLine,
    key,
  });
}

async function commandFor({ config, folder, ports }: PremergeContext, name: Name): Promise<Argv | null> {
  const own = config.premerge.commands[name];
  if (own !== null) return own;
  if (name === 'install') return (await ports.files.read(join(folder, 'package-lock.json'))) === null ? null : ['npm', 'ci'];
  const { script, argv } = SCRIPTS[name];
  const text = await ports.files.read(join(folder, 'package.json'));
  return text !== null && Object.hasOwn(scriptsOf(text, folder), script) ? argv : null;
}

function scriptsOf(text: string, folder: string): Readonly<Record<string, string>> {
  const read = manifest.safeParse(parsed(text));
  if (read.success) return read.data.scripts ?? {};
  throw new BotError({
    code: 'package-json-broken',
    message: `${join(folder, 'package.json')} cannot be read as a package.json`,
    hint: 'Look at it: npm pkg get scripts',
    cause: read.error,
  });
}

/** undefined = no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
