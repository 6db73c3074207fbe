// The real program in HTTP mode under 12,000 requests that must do nothing: no effect, and its own memory stays flat.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createStage, until } from '../fixtures/e2e/program.ts';
import { SIGNING_SECRET } from '../support/slack/sender.ts';
import { sendAll } from './besieged.ts';
import { attacks } from './requests.ts';

test('bin/dhash in HTTP mode does not grow with them', { timeout: 480_000 }, async () => {
  const stage = await createStage();
  const program = stage.launch({ SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: SIGNING_SECRET, LOG_LEVEL: 'error' });
  const port = Number(await until('it listens', () => /on port (\d+)/.exec(program.said())?.[1], program.said));
  const sizes: number[] = [];
  for (let round = 1; round <= 6; round += 1) {
    await sendAll(port, attacks(2_000, Date.now(), round));
    sizes.push(megabytes(program.pid));
  }
  process.stdout.write(`RSS after each 2,000 requests: ${sizes.join(', ')} MB\n`);
  // Some of them hold a megabyte: its heap grows to what they take at a time, and stays there.
  expect((sizes.at(-1) ?? 0) - (sizes[2] ?? 0)).toBeLessThan(30);
  const { store } = stage.bot.opened;
  expect([await store.requests({}), await store.jobs({}), await store.lock('production')]).toEqual([[], [], null]);
  // Thousands of refusals at once are more than Slack takes: the bot is told to wait, and waits.
  expect(stage.slack.limited.filter((method) => method !== 'chat.postEphemeral')).toEqual([]);
  stage.slack.limited.length = 0;
});

function megabytes(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024);
}
