// A Slack surface in a test: the real store in a fresh folder, a moved clock, the strict Slack, and a log that is kept.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../../src/core/ports.ts';
import { NO_FLUSH } from '../../../src/store/flush.ts';
import { type OpenStore, openStore } from '../../../src/store/open.ts';
import { type TestClock, testClock } from '../clock.ts';

export interface KeptLog extends Log {
  readonly lines: { readonly level: string; readonly facts: Readonly<Record<string, unknown>>; readonly sentence: string }[];
}

export function keptLog(): KeptLog {
  const lines: KeptLog['lines'] = [];
  const at = (level: string) => (facts: Readonly<Record<string, unknown>>, sentence: string) => {
    lines.push({ level, facts, sentence });
  };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}

/** A store file that several openings can share; `remove` at the end. */
export function storeFolder(): { readonly open: (now: () => number) => OpenStore; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'dhash-slack-'));
  return {
    // No power is cut here, and time that is moved by hand must not outrun the disk.
    open: (now) => openStore({ path: join(folder, 'dhash.db'), now, flush: NO_FLUSH }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Waits for a condition, at most ten seconds; with a test clock it also moves the clock on. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, clock?: TestClock, stepMs = 250): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it never came true: ${what}`);
    if (clock !== undefined) await clock.later(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A test clock that starts at the real time, for what Bolt compares with its own. */
export function clockFromNow(): TestClock {
  return testClock(Date.now());
}
