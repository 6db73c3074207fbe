// How many images each release has hashed, in <folder>/hashed-<tag>.json. One file a release: two slots may run side by side.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SAVE_EVERY_MS = 1_000;

export function createCounter(folder, tag) {
  const path = join(folder, `hashed-${tag}.json`);
  mkdirSync(folder, { recursive: true });
  let count = load(path);
  let saved = count;
  const timer = setInterval(save, SAVE_EVERY_MS);
  timer.unref();

  return {
    add: () => {
      count += 1;
    },
    count: () => count,
    close: () => {
      clearInterval(timer);
      save();
    },
  };

  function save() {
    if (count === saved) return;
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, `${JSON.stringify({ tag, count })}\n`);
    renameSync(temporary, path);
    saved = count;
  }
}

function load(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).count ?? 0;
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}
