// The size of a golden PNG, from its first bytes.

import { open } from 'node:fs/promises';
import type { Size } from '../../core/media.ts';
import { errnoOf } from '../errno.ts';

const HEAD_BYTES = 24;
const SIGNATURE = '89504e470d0a1a0a';
const MOST_PIXELS = 16_384;

export type PngSize =
  | { readonly kind: 'png'; readonly size: Size }
  | { readonly kind: 'none' }
  | { readonly kind: 'bad'; readonly why: string };

export async function pngSize(path: string): Promise<PngSize> {
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    const file = await open(path, 'r');
    try {
      await file.read(head, 0, HEAD_BYTES, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { kind: 'none' };
    return { kind: 'bad', why: `${path} cannot be read: ${errnoOf(error) ?? String(error)}` };
  }
  if (head.toString('hex', 0, 8) !== SIGNATURE || head.toString('latin1', 12, 16) !== 'IHDR') {
    return { kind: 'bad', why: `${path} is no PNG` };
  }
  const size = { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  if (Math.min(size.width, size.height) < 1 || Math.max(size.width, size.height) > MOST_PIXELS) {
    return { kind: 'bad', why: `${path} says it is ${size.width}x${size.height}` };
  }
  return { kind: 'png', size };
}
