// Hands a launcher's words on to bin/dhash, and its signals and exit code both ways. It runs on any Node from 14 on.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** @param {...string} verb */
export function dhash(...verb) {
  const program = fileURLToPath(new URL('../../bin/dhash', import.meta.url));
  const child = spawn(program, [...verb, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
}
