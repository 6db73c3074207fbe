// One small file for each command that runs, so that what a dead worker left behind is found and ended, and nothing else is.

import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BotError } from '../../core/error.ts';
import { fileHint } from '../../core/file-trouble.ts';
import type { DurationMs } from '../../core/time.ts';
import { errnoOf } from '../errno.ts';
import { PRIVATE } from '../files.ts';
import { makeFolder } from '../make-folder.ts';
import { encodeOwner, groupMembers, isAlive, isOwnerDead, killGroup, ownProcess, readStartTime } from '../processes.ts';

export interface RunRecords {
  readonly newToken: () => Token;
  readonly add: (key: string, pid: number, token: Token) => void;
  readonly remove: (key: string, token: Token) => void;
  /** Ends what runs under the key, but not the command of the token; throws `command-still-runs` when it cannot. Answers how many were ended. */
  readonly fence: (key: string, besides?: Token) => Promise<number>;
  readonly fenceDead: () => Promise<number>;
}

/** Stands in the environment of the command and its children: it tells them apart when their first process is gone. */
export interface Token {
  readonly variable: string;
  readonly value: string;
}

const RECORD = z.strictObject({
  key: z.string(),
  pgid: z.int().min(2),
  pid: z.int().min(2),
  startTime: z.string().nullable(),
  token: z.string(),
  /** Pids and start times begin anew at each boot. */
  boot: z.string(),
  owner: z.string(),
});
type RunRecord = z.infer<typeof RECORD>;

const TOKEN_VARIABLE = 'DHASH_RUN';
const SUFFIX = '.json';

export function createRunRecords(runDir: string, killAfterMs: DurationMs): RunRecords {
  // A file of its own for each run: whoever wakes up late writes over and removes nobody else's.
  const pathOf = (key: string, { value }: Token): string => join(runDir, `${prefixOf(key)}${value}${SUFFIX}`);
  const owner = encodeOwner(ownProcess());
  const boot = bootId();

  const add: RunRecords['add'] = (key, pid, token) => {
    const record: RunRecord = { key, pgid: pid, pid, startTime: readStartTime(pid), token: token.value, boot, owner };
    const path = pathOf(key, token);
    try {
      makeFolder(runDir, PRIVATE.folder);
      writeFileSync(`${path}.tmp`, JSON.stringify(record), { mode: PRIVATE.file });
      renameSync(`${path}.tmp`, path);
    } catch (cause) {
      throw notWritten(path, cause);
    }
  };

  const end = async (path: string): Promise<'survived' | 'ended' | 'gone'> => {
    const record = readRecord(path);
    const isRunning = record !== null && record.boot === boot && isStillOurs(record);
    const ended = isRunning ? await killGroup(record.pgid, killAfterMs) : null;
    if (ended === 'survived') return ended;
    rmSync(path, { force: true });
    return ended === null ? 'gone' : 'ended';
  };

  return {
    newToken: () => ({ variable: TOKEN_VARIABLE, value: randomBytes(12).toString('hex') }),
    add,
    remove: (key, token) => rmSync(pathOf(key, token), { force: true }),
    fence: async (key, besides) => {
      const prefix = prefixOf(key);
      const own = besides === undefined ? null : pathOf(key, besides);
      const paths = namesIn(runDir).flatMap((name) => (name.startsWith(prefix) ? [join(runDir, name)] : []));
      const found = await Promise.all(paths.filter((path) => path !== own).map(end));
      if (found.includes('survived')) throw stillRuns(key, runDir);
      return found.filter((how) => how === 'ended').length;
    },
    fenceDead: async () => {
      let count = 0;
      for (const name of namesIn(runDir)) {
        const path = join(runDir, name);
        const record = readRecord(path);
        // One that is not whole yet may be somebody's who lives.
        if (record === null && !name.endsWith(SUFFIX)) continue;
        if (record !== null && record.boot === boot && !isOwnerDead(record.owner)) continue;
        if ((await end(path)) !== 'gone') count += 1;
      }
      return count;
    },
  };
}

function stillRuns(key: string, runDir: string): BotError {
  return new BotError({
    code: 'command-still-runs',
    message: `What an earlier worker started for ${key} cannot be ended, so nothing is started beside it`,
    hint: `Its process group stands in ${runDir}: look at it with ps -eo pid,pgid,user,stat,args, end it, then try again.`,
  });
}

function notWritten(path: string, cause: unknown): BotError {
  const why = errnoOf(cause);
  return new BotError({
    code: 'run-record-not-written',
    message: `Cannot write ${path} (${why ?? String(cause)}), so the command was ended again`,
    hint: fileHint(why, path) ?? `Look at space and rights: df -h ${dirname(path)}; ls -ld ${dirname(path)}`,
    cause,
  });
}

// A first process with the same pid and start time is the one we started. When it is gone, its group lives on under a number that is not
// given out again, but only the token in a member's environment proves that the group is not a later one.
function isStillOurs(record: RunRecord): boolean {
  if (record.startTime !== null && isAlive({ pid: record.pid, startTime: record.startTime })) return true;
  if (readStartTime(record.pid) !== null) return false;
  const proof = `${TOKEN_VARIABLE}=${record.token}`;
  return groupMembers(record.pgid).some((pid) => environmentOf(pid).includes(proof));
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // It ended, or belongs to somebody else: no proof.
    return [];
  }
}

/** Null for a file that is gone or was never a whole record. */
function readRecord(path: string): RunRecord | null {
  try {
    return RECORD.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** No key holds an `@` any more once it is encoded. */
function prefixOf(key: string): string {
  const name = encodeURIComponent(key);
  if (name === '' || name.length > 200 || name.startsWith('.')) throw new RangeError(`"${key}" cannot name a command`);
  return `${name}@`;
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
