// Running one release of the sample service, as a deploy would.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Running {
  readonly url: string;
  readonly folder: string;
  readonly output: () => string;
  /** SIGTERM; answers the exit code. */
  readonly stop: () => Promise<number | null>;
}

export async function temporaryFolder(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'dhash-demo-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function checkOut(repository: string, tag: string, dir: string): Promise<string> {
  const folder = join(dir, `${tag}-${process.hrtime.bigint()}`);
  await promisify(execFile)('git', ['clone', '--quiet', '--branch', tag, '-c', 'advice.detachedHead=false', repository, folder]);
  return folder;
}

/** Starts `node server.js` and waits until it says its port; `stop` also ends it when it never came up. */
export async function startService(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const child = spawn(process.execPath, ['server.js'], { cwd: folder, env: { PATH: '/usr/bin:/bin', PORT: '0', ...env } });
  let output = '';
  const gone = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await gone;
    return child.exitCode;
  };
  const port = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const port = /listening on (\d+)/.exec(output)?.[1];
      if (port !== undefined) resolve(port);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void gone.then(() => reject(new Error(`ended with ${child.exitCode}: ${output}`)));
  });
  return { url: `http://127.0.0.1:${port}`, folder, output: () => output, stop };
}
