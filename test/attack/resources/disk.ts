// Disks that refuse: a small one for everything that a test makes in temporary folders, filled up and emptied at will, and one that is read-only. Needs the right to mount.

import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { onTestFinished } from 'vitest';

export const mayMount = process.getuid?.() === 0;

export interface Disk {
  readonly folder: string;
  /** Not one byte is left. */
  readonly fill: () => void;
  readonly free: () => void;
}

export function smallDisk(megabytes: number): Disk {
  const { env } = process;
  const before = env['TMPDIR'];
  const folder = mkdtempSync(join(tmpdir(), 'dhash-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  env['TMPDIR'] = folder;
  onTestFinished(() => {
    if (before === undefined) delete env['TMPDIR'];
    else env['TMPDIR'] = before;
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  const filler = join(folder, 'filler');
  return { folder, fill: () => fill(filler), free: () => rmSync(filler) };
}

/** Whoever opens something in the folder from now on finds it read-only; answers how to make it writable again. What is open already stays as it is. */
export function readOnly(folder: string): () => void {
  execFileSync('mount', ['--bind', folder, folder]);
  execFileSync('mount', ['-o', 'remount,bind,ro', folder]);
  let mounted = true;
  const writable = () => {
    if (mounted) execFileSync('umount', ['-l', folder]);
    mounted = false;
  };
  onTestFinished(writable);
  return writable;
}

function fill(path: string): void {
  const file = openSync(path, 'w');
  for (const bytes of [1024 * 1024, 4_096]) while (wrote(file, bytes));
  fsyncSync(file);
  closeSync(file);
}

function wrote(file: number, bytes: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(bytes, 1)) === bytes;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC') return false;
    throw thrown;
  }
}
