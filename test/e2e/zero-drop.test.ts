// A whole deploy and a whole rollback under 60 requests a second from outside: nobody is dropped.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { endProcessesOf } from '../../demo/leftovers.ts';
import { type Bot, createBot } from '../fixtures/e2e/bot.ts';
import { startLoad } from '../fixtures/service/load.ts';

const folders: string[] = [];
const bots: Bot[] = [];

afterEach(async () => {
  for (const bot of bots.splice(0)) bot.opened.close();
  for (const folder of folders.splice(0)) {
    await endProcessesOf(folder);
    await rm(folder, { recursive: true, force: true });
  }
});

async function liveBot(): Promise<Bot> {
  const folder = await mkdtemp(join(tmpdir(), 'dhash-drop-'));
  folders.push(folder);
  const bot = await createBot(folder);
  bots.push(bot);
  await bot.ask(['deploy', 'v2.0.0', '--no-monitor']);
  expect((await bot.work()).code).toBe(0);
  return bot;
}

test.each([true, false])(
  'the built-in proxy drops nobody in a deploy and a rollback (kept connections: %s)',
  async (keepAlive) => {
    const bot = await liveBot();
    const load = startLoad(`${bot.publicUrl}/health`, { keepAlive, everyMs: 1_000 / 60 });
    for (const words of [
      ['deploy', 'v2.1.0', '--no-monitor'],
      ['rollback', '--no-monitor'],
    ]) {
      const id = await bot.ask(words);
      await bot.work();
      expect((await bot.opened.store.request(id))?.state).toBe('succeeded');
    }
    const { failures, answers } = await load.end();
    expect(failures).toEqual([]);
    expect(answers.length).toBeGreaterThan(100);
    expect(new Set(answers.map(({ version }) => version))).toEqual(new Set(['v2.0.0', 'v2.1.0']));
  },
  60_000,
);
