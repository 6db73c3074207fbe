// A fresh folder for a real database file, gone after the test.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type OpenStore, openStore } from '../../src/store/open.ts';

export function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dhash-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'data', 'dhash.db');
}

/** The same with its folder there already, for what opens no store. */
export function madePath(): string {
  const path = freshPath();
  mkdirSync(dirname(path));
  return path;
}

export function opened(path: string, now: () => number = () => 1_000): OpenStore {
  const open = openStore({ path, now });
  onTestFinished(() => open.close());
  return open;
}
