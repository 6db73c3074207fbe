// Which paths may stand in a backup, and which two would be one file elsewhere.

import { MANIFEST, MAX_PATH_BYTES, MAX_SEGMENT_BYTES, VERSION } from './limits.ts';

/** Why this path may not be in a backup; null when it may. */
export function pathDefect(path: string): string | null {
  if (path === '') return 'is empty';
  if (!path.isWellFormed()) return 'is not valid Unicode';
  if (path.includes('\0')) return 'holds a NUL';
  if (path.includes('\\')) return 'holds a backslash';
  if (path.startsWith('/')) return 'is absolute';
  if (/^[A-Za-z]:/.test(path)) return 'begins with a drive';
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  return (
    path
      .split('/')
      .map(segmentDefect)
      .find((defect) => defect !== null) ?? null
  );
}

/** Equal for two paths that differ only in case or Unicode form. */
export function foldPath(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** True below `release` and `shared`, and for the two files beside them. */
export function isKnownPlace(path: string): boolean {
  return /^(release|shared)(\/|$)/.test(path) || path === VERSION || path === MANIFEST;
}

export function parentOf(path: string): string | null {
  const cut = path.lastIndexOf('/');
  return cut === -1 ? null : path.slice(0, cut);
}

function segmentDefect(segment: string): string | null {
  if (segment === '') return 'has an empty part';
  if (segment === '.' || segment === '..') return `has a part "${segment}"`;
  return Buffer.byteLength(segment) > MAX_SEGMENT_BYTES ? `has a part longer than ${MAX_SEGMENT_BYTES} bytes` : null;
}
