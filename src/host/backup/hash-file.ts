// The sha256 of what is behind an open descriptor.

import { createHash } from 'node:crypto';
import { read } from 'node:fs';
import { promisify } from 'node:util';

const AT_ONCE = 1024 * 1024;
const readBehind = promisify(read);

/** Of everything up to byte `end`, or to the end of the file, and of the bytes that are said to follow. */
export async function hashFile(fd: number, end = Number.MAX_SAFE_INTEGER, following: Buffer = Buffer.alloc(0)): Promise<string> {
  const sha256 = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(AT_ONCE);
  for (let position = 0; ; ) {
    const { bytesRead } = await readBehind(fd, buffer, 0, Math.min(buffer.length, end - position), position);
    if (bytesRead === 0) return sha256.update(following).digest('hex');
    sha256.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}
