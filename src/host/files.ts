// Small text files and job logs.

import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { BotError } from '../core/error.ts';
import { fileHint } from '../core/file-trouble.ts';
import type { Files, Log } from '../core/ports.ts';
import { errnoOf } from './errno.ts';
import { makeFolder } from './make-folder.ts';
import type { Redact } from './redact.ts';

/** `redact` goes over every log line; a log that cannot be written is told once to `log` and never stops the work. */
export function createFiles(options: { readonly dataDir: string; readonly redact: Redact; readonly log: Pick<Log, 'warn'> }): Files {
  const { dataDir, redact, log } = options;
  const failing = new Set<string>();

  return {
    read: async (path) => {
      try {
        return await readFile(path, 'utf8');
      } catch (cause) {
        if (errnoOf(cause) === 'ENOENT') return null;
        throw fileError('file-not-readable', 'read', path, cause);
      }
    },
    write: async (path, text) => {
      try {
        await writeDurably(path, text, path.startsWith(`${dataDir}${sep}`) ? PRIVATE : {});
      } catch (cause) {
        throw fileError('file-not-writable', 'write', path, cause);
      }
    },
    appendLog: (name, line) => {
      const path = join(dataDir, 'logs', `${logName(name)}.log`);
      try {
        appendLine(path, redact(line));
        failing.delete(path);
      } catch (error) {
        if (failing.has(path)) return;
        failing.add(path);
        log.warn({ path, error }, 'Cannot write a job log; the job goes on without it');
      }
    },
  };
}

interface Rights {
  readonly file?: number;
  readonly folder?: number;
}

/** What the bot keeps for itself is its user's alone. */
export const PRIVATE = { file: 0o600, folder: 0o700 } as const satisfies Rights;

/** Temp + fsync + rename + fsync of the folder: a reader sees the old text or the new one, also after a power cut. */
export async function writeDurably(path: string, text: string | Uint8Array, { file: mode, folder: rights }: Rights = {}): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  makeFolder(folder, rights);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Makes renames and new names inside the folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function appendLine(path: string, line: string): void {
  // One line stays one line, whatever is in it.
  const text = `${line.replaceAll(/\r?\n|\r/g, ' ')}\n`;
  try {
    appendFileSync(path, text, { mode: PRIVATE.file });
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    makeFolder(dirname(path), PRIVATE.folder);
    appendFileSync(path, text, { mode: PRIVATE.file });
  }
}

function logName(name: string): string {
  if (!/^[\w][\w.@-]{0,120}$/.test(name) || name.includes('..')) {
    throw new BotError({ code: 'bad-log-name', message: `"${name}" cannot name a log file`, hint: null });
  }
  return name;
}

function fileError(code: string, verb: string, path: string, cause: unknown): BotError {
  const why = errnoOf(cause) ?? String(cause);
  return new BotError({
    code,
    message: `Cannot ${verb} ${path}: ${why}`,
    hint: fileHint(why, path) ?? HINTS[why]?.(path) ?? `Look at it: ls -la ${path}`,
    cause,
  });
}

const HINTS: Readonly<Record<string, (path: string) => string>> = {
  EACCES: (path) => `Give the bot's user the right: ls -ld ${path} ${dirname(path)}`,
  EPERM: (path) => `Give the bot's user the right: ls -ld ${path} ${dirname(path)}`,
  EISDIR: (path) => `${path} is a folder, a file is expected there.`,
  ENOTDIR: (path) => `A part of ${dirname(path)} is a file, a folder is expected there.`,
};
