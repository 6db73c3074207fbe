import { lstat } from 'node:fs/promises';
import { errnoOf } from './errno.ts';

/** Whether anything stands at the path, a broken link included; throws what the system threw when it would not say. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
