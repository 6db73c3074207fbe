// Composition root: the only reader of `process`.

import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createOutput } from './cli/output.ts';
import { runProgram } from './program.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort(signal));

// Whoever read it is gone: work goes on unread, and nothing is said of it, because that would be the next thing nobody reads.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exitCode = await runProgram({
  argv: process.argv.slice(2),
  env: process.env,
  user: userInfo().username,
  projectDir: fileURLToPath(new URL('..', import.meta.url)),
  readText: async (path) => {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  },
  output: createOutput(process.stdout, process.stderr),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stopping.signal,
  onUnhandled: (report) => {
    process.on('unhandledRejection', report);
    process.on('uncaughtException', report);
  },
});
// Everything was closed; what a library still holds open must not keep a finished program alive.
process.exit();
