// Starts test/fixtures/store/worker.ts as a process of its own and ends it with the test, by its handle.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const NODE = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
const WORKER = fileURLToPath(new URL('../fixtures/store/worker.ts', import.meta.url));

export interface Child {
  /** The next line that it prints; null when it ended. */
  readonly line: () => Promise<string | null>;
  readonly go: () => void;
  /** Reads to the end; throws with what it said on stderr when it did not exit with 0. */
  readonly answer: () => Promise<unknown>;
  /** SIGKILL; resolves when it is gone, with all lines it had printed. */
  readonly kill: () => Promise<readonly string[]>;
}

/** Ready to go, but not started. */
export async function startChild(path: string, owner: string, what: string, times = 0): Promise<Child> {
  const child = spawn(NODE, [WORKER, path, owner, what, String(times)], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const errors = collect(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { done, value } = await lines.next();
    return done === true ? null : value;
  };

  const first = await line();
  if (first !== 'ready') throw new Error(`the child did not get ready: ${first} ${errors()}`);
  return {
    line,
    go: () => child.stdin.write('go\n'),
    answer: async () => {
      const all = await readAll(line);
      const code = await ended;
      if (code !== 0) throw new Error(`the child exited with ${code}: ${errors()}`);
      return JSON.parse(all.at(-1) ?? 'null');
    },
    kill: async () => {
      child.kill('SIGKILL');
      const all = await readAll(line);
      await ended;
      return all;
    },
  };
}

async function readAll(line: () => Promise<string | null>): Promise<readonly string[]> {
  const all: string[] = [];
  for (let one = await line(); one !== null; one = await line()) all.push(one);
  return all;
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
