// A place for one run in one folder: nobody else runs there meanwhile, and what a run that was killed has left is found again.

import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { BotError } from '../core/error.ts';
import { errnoOf } from './errno.ts';
import { writeDurably } from './files.ts';
import { freePorts } from './free-ports.ts';

export interface Workplace {
  /** A new, empty folder outside the checkout. */
  readonly scratch: string;
  readonly ports: { readonly blue: number; readonly green: number };
  /** The scratch folder of a run here that was killed; null = none. The caller ends what runs in it, then calls `forget`. */
  readonly left: Left | null;
  readonly forget: () => Promise<void>;
  /** Copies a file out of the scratch folder, when it is there. */
  readonly keep: (from: string, to: string) => Promise<void>;
  /** Removes the scratch folder and lets the next run in. */
  readonly close: () => Promise<void>;
}

const left = z.object({ scratch: z.string(), blue: z.number(), green: z.number() });
export type Left = z.infer<typeof left>;

const NOTE = '.premerge.json';

/** Throws BotError `premerge-running` while another run has this folder. */
export async function openWorkplace(artifacts: string): Promise<Workplace> {
  await mkdir(artifacts, { recursive: true });
  const door = await closeDoor(await realpath(artifacts));
  const note = join(artifacts, NOTE);
  try {
    const before = await readNote(note);
    const scratch = await mkdtemp(join(await realpath(tmpdir()), 'dhash-premerge-'));
    const [blue = 0, green = 0] = await freePorts(2);
    const write = () => writeDurably(note, `${JSON.stringify({ scratch, blue, green, pid: process.pid })}\n`);
    // What was left stays noted until it is gone: a second kill must not lose it.
    if (before === null) await write();
    return {
      scratch,
      ports: { blue, green },
      left: before,
      forget: async () => {
        if (before !== null) await rm(before.scratch, { recursive: true, force: true });
        await write();
      },
      keep: async (from, to) => {
        await mkdir(join(to, '..'), { recursive: true });
        await copyFile(from, to).catch((error: unknown) => {
          if (errnoOf(error) !== 'ENOENT') throw error;
        });
      },
      close: async () => {
        await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
        await rm(note, { force: true });
        door.close();
      },
    };
  } catch (error) {
    door.close();
    throw error;
  }
}

/** An abstract socket: the kernel gives it to one process, and takes it away with the process, however that ends. */
function closeDoor(folder: string): Promise<Server> {
  const name = `\0dhash-premerge-${createHash('sha256').update(folder).digest('hex').slice(0, 24)}`;
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => reject(errnoOf(error) === 'EADDRINUSE' ? running(folder) : error));
    server.listen(name, () => resolve(server.unref()));
  });
}

async function readNote(path: string): Promise<Left | null> {
  try {
    const read = left.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return read.success && /\/dhash-premerge-[A-Za-z0-9]{6}$/.test(read.data.scratch) ? read.data : null;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

function running(folder: string): BotError {
  return new BotError({
    code: 'premerge-running',
    message: `another pre-merge run writes into ${folder}`,
    hint: 'Wait for it, or name another folder: ARTIFACT_DIR=... bin/dhash premerge',
  });
}
