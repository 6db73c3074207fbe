// How loaded the host is, as the kernel tells it.

import { access, constants, readFile, statfs } from 'node:fs/promises';
import { BotError } from '../core/error.ts';
import { type FileTrouble, fileTrouble } from '../core/file-trouble.ts';
import type { Gauges } from '../core/ports.ts';
import { errnoOf } from './errno.ts';
import { treeUse } from './process-tree.ts';

interface CpuTimes {
  readonly idle: number;
  readonly total: number;
}

/** `procDir` is /proc, or a folder with the same files in a test. */
export function createGauges(procDir = '/proc'): Gauges {
  const lastTimes = new Map<string, CpuTimes>();
  const lastTrees = new Map<string, { readonly pid: number; readonly ticks: number; readonly total: number }>();

  return {
    host: async (key) => {
      const [stat, meminfo] = await Promise.all([readOrNull(`${procDir}/stat`), readOrNull(`${procDir}/meminfo`)]);
      const before = lastTimes.get(key) ?? null;
      const now = stat === null ? null : parseCpuTimes(stat);
      if (now !== null) lastTimes.set(key, now);
      return {
        cpu: before === null || now === null ? null : busyPercent(before, now),
        memory: meminfo === null ? null : memoryPercent(meminfo),
      };
    },
    tree: async (key, pid) => {
      const [stat, meminfo, used] = await Promise.all([
        readOrNull(`${procDir}/stat`),
        readOrNull(`${procDir}/meminfo`),
        treeUse(procDir, pid),
      ]);
      const now = stat === null ? null : parseCpuTimes(stat);
      const before = lastTrees.get(key);
      if (now === null || used === null) return { cpu: null, memory: null };
      lastTrees.set(key, { pid, ticks: used.ticks, total: now.total });
      const total = meminfo === null ? null : kilobytes(meminfo, 'MemTotal');
      const passed = before === undefined || before.pid !== pid ? 0 : now.total - before.total;
      return {
        cpu: before === undefined || passed <= 0 ? null : Math.min(100, Math.max(0, ((used.ticks - before.ticks) / passed) * 100)),
        memory: total === null || total === 0 ? null : Math.min(100, (used.residentBytes / (total * 1_024)) * 100),
      };
    },
    disk: async (path) => {
      try {
        const { blocks, bfree, bavail } = await statfs(path);
        const used = blocks - bfree;
        // As df counts: what is kept back for root is not there for anybody else.
        return used + bavail <= 0 ? null : (used / (used + bavail)) * 100;
      } catch {
        return null;
      }
    },
    unwritable: async (path) => {
      try {
        await access(path, constants.W_OK);
        return null;
      } catch (cause) {
        return errnoOf(cause) === 'ENOENT' ? null : (fileTrouble(cause) ?? noRight(path, cause));
      }
    },
    freeBytes: async (path) => {
      try {
        const stats = await statfs(path);
        return stats.bavail * stats.bsize;
      } catch (cause) {
        throw spaceError(path, cause);
      }
    },
  };
}

// The line `cpu user nice system idle iowait irq softirq steal guest guest_nice`; guest is part of user already.
function parseCpuTimes(stat: string): CpuTimes | null {
  const line = /^cpu +([\d ]+)$/m.exec(stat)?.[1];
  if (line === undefined) return null;
  const times = line.trim().split(/ +/).slice(0, 8).map(Number);
  const [, , , idle = 0, iowait = 0] = times;
  return { idle: idle + iowait, total: times.reduce((sum, time) => sum + time, 0) };
}

function busyPercent(before: CpuTimes, now: CpuTimes): number | null {
  const total = now.total - before.total;
  if (total <= 0) return null;
  const idle = Math.max(0, now.idle - before.idle);
  return Math.min(100, Math.max(0, (1 - idle / total) * 100));
}

function memoryPercent(meminfo: string): number | null {
  const total = kilobytes(meminfo, 'MemTotal');
  const available = kilobytes(meminfo, 'MemAvailable');
  return total === null || available === null || total === 0 ? null : (1 - available / total) * 100;
}

function kilobytes(meminfo: string, name: string): number | null {
  const match = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo);
  return match === null ? null : Number(match[1]);
}

// Not Linux, or a container that hides it: the gauge is unknown, which is an answer of its own.
async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}

function noRight(path: string, cause: unknown): FileTrouble {
  const why = errnoOf(cause) ?? String(cause);
  return {
    code: 'not-writable',
    message: `${path} cannot be written (${why})`,
    hint: `Give it to the user the bot runs as: ls -ld ${path}`,
  };
}

function spaceError(path: string, cause: unknown): BotError {
  return new BotError({
    code: 'free-space-unknown',
    message: `Cannot tell the free space at ${path}: ${errnoOf(cause) ?? String(cause)}`,
    hint: `Check that it exists and may be read: df -h ${path}`,
    cause,
  });
}
