// Programs of the system that some tests need. On a bare machine those are left out; continuous integration must have them, and fails without.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';

const FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin'];

export function isLeftOut(program: string): boolean {
  return !('CI' in env) && !FOLDERS.some((folder) => existsSync(join(folder, program)));
}
