// A real command runner in a fresh folder, and bounded waiting.

import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { onTestFinished } from 'vitest';
import { BotError } from '../../../src/core/error.ts';
import type { CommandRun } from '../../../src/core/ports.ts';
import { createCommands } from '../../../src/host/commands/commands.ts';
import { createRedactor } from '../../../src/host/redact.ts';

/** A folder that is gone when the test ends. */
export function freshFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dhash-host-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What the runner under test inherits: a PATH with this node in front, and what was compiled before. */
export function hostEnv(): Record<string, string> {
  const { NODE_COMPILE_CACHE: cache } = env;
  return {
    PATH: `${join(process.execPath, '..')}:/usr/local/bin:/usr/bin:/bin`,
    HOME: tmpdir(),
    ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
  };
}

export function testCommands(
  folder: string,
  options: { secrets?: readonly string[]; killAfterMs?: number; env?: Record<string, string> } = {},
) {
  return createCommands({
    runDir: join(folder, 'run'),
    env: { ...hostEnv(), ...options.env },
    redact: createRedactor(options.secrets ?? []),
    killAfterMs: options.killAfterMs ?? 2_000,
  });
}

export function aRun(folder: string, argv: CommandRun['argv'], more: Partial<CommandRun> = {}): CommandRun {
  return { argv, cwd: folder, env: {}, timeoutMs: 15_000, signal: new AbortController().signal, onLine: () => {}, key: 'test', ...more };
}

/** The file that notes what runs under the key (by its encoded name); null when nothing does. */
export function recordOf(folder: string, key: string): string | null {
  const names = existsSync(join(folder, 'run')) ? readdirSync(join(folder, 'run')) : [];
  const name = names.find((file) => file.startsWith(`${key}@`) && file.endsWith('.json'));
  return name === undefined ? null : join(folder, 'run', name);
}

/** The BotError that the work throws; anything else fails the test. */
export async function errorOf(work: Promise<unknown>): Promise<BotError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof BotError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Asks again until the answer is truthy, at most 10 seconds, or longer for whole programs. */
export async function until<T>(ask: () => T | Promise<T>, what: string, withinMs = 10_000): Promise<NonNullable<T>> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`gave up waiting until ${what}`);
}
