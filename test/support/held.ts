// What is still held once the garbage is gone.

import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

export function heldBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
