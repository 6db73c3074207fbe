import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Played, play } from '../../demo/play.ts';
import type { Traffic, TrafficCounts } from '../../demo/traffic.ts';
import { type FakeBot, fakeConfig, startFakeBot } from './fake-bot.ts';
import { temporaryFolder } from './support.ts';

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let bot: FakeBot | null = null;
beforeEach(async () => {
  dir = await temporaryFolder();
  await mkdir(join(dir.path, 'reports'));
  for (const id of ['d-1', 'd-2', 'r-1']) {
    await writeFile(join(dir.path, 'reports', `${id}.md`), '# a report\n');
    await writeFile(join(dir.path, 'reports', `${id}.json`), '{}\n');
  }
});
afterEach(async () => {
  bot?.close();
  bot = null;
  await dir.remove();
});

const none: TrafficCounts = { sent: 0, answered: 0, failed: 0, skipped: 0, by: {} };
const calm: Traffic = { counts: () => none, stop: async () => none };

async function played(
  flaw: Parameters<typeof startFakeBot>[0],
  lines: string[] = [],
  traffic = calm,
  signal = AbortSignal.timeout(15_000),
): Promise<Played> {
  bot = await startFakeBot(flaw);
  const config = fakeConfig(bot.publicUrl, dir.path);
  return play({ slack: bot.driver, config, traffic, print: (line) => lines.push(line), signal });
}

it('plays the story to its end, prints it, and names the reports', async () => {
  const lines: string[] = [];
  const { reports } = await played({}, lines);
  expect(reports).toEqual(['d-1', 'd-2', 'r-1'].map((id) => join(dir.path, 'reports', `${id}.md`)));
  const text = lines.join('\n');
  for (const sentence of [
    'and is told: You asked for it yourself',
    'Olga presses Rollback now',
    'the public port answers as v2.2.0',
    '[Rollback now] [Acknowledge]',
  ])
    expect(text).toContain(sentence);
});

it.each([
  ['a card with an Approve button for v2.1.0', /waiting for approvals/],
  ["bob's approval to count", /bob approved/],
  ['Ana to be told that she may not approve her own request', /yourself/],
  ['v2.1.0 to be told live', /v2\.1\.0 is live in production/],
  ['v2.1.0 to be certified', /certified/],
  ['a breach with a Rollback now button', /Breach/],
  ['the rollback to be told', /rolled back/],
])('says that it waited for %s when that never came', async (what, mute) => {
  await expect(played({ mute })).rejects.toMatchObject({ code: 'demo-timed-out', message: expect.stringContaining(`for ${what}.`) });
});

it('believes the public port, not the bot', async () => {
  const lines: string[] = [];
  const stopped = AbortSignal.timeout(700);
  await expect(played({ stuck: true }, lines, calm, stopped)).rejects.toMatchObject({
    message: 'Stopped while waiting for the public port to answer as v2.1.0.',
  });
});

it('fails when a user was turned away during the good deploy', async () => {
  let asked = 0;
  const unlucky: Traffic = { counts: () => ({ ...none, failed: asked++ === 0 ? 0 : 2 }), stop: async () => none };
  await expect(played({}, [], unlucky)).rejects.toMatchObject({
    message: expect.stringMatching(/^2 requests of the service's users failed/),
  });
});

it('fails when a report is missing', async () => {
  await dir.remove();
  await expect(played({})).rejects.toMatchObject({ code: 'demo-failed', message: expect.stringContaining('found 0') });
});
