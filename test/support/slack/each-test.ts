// A strict Slack of its own for each test of a file.

import { afterEach, beforeEach } from 'vitest';
import { testClock } from '../clock.ts';
import { BOT_TOKEN, type StrictSlack, startStrictSlack } from './strict-slack.ts';
import type { Unverified } from './unverified.ts';

export const BOT = { authorization: `Bearer ${BOT_TOKEN}`, 'content-type': 'application/json' };
export const HELLO = { channel: 'C0OPS', text: 'hello' };

export let clock = testClock();
export let slack: StrictSlack;

/** The same once more, in the middle of a test, with something that is not verified turned around. */
export async function start(unverified: Partial<Unverified> = {}): Promise<void> {
  await slack?.stop();
  clock = testClock();
  slack = await startStrictSlack({ clock, unverified });
}

export function withStrictSlack(): void {
  beforeEach(() => start());
  afterEach(() => slack.stop());
}
