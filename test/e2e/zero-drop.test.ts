// A whole deploy and a whole rollback under 60 requests a second from outside, over kept and over new connections: nobody is dropped.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { endProcessesOf } from '../../demo/leftovers.ts';
import { upstreamText } from '../../src/host/traffic/nginx-upstream.ts';
import { type Bot, createBot } from '../fixtures/e2e/bot.ts';
import { startLoad } from '../fixtures/service/load.ts';
import { nginxReload, startNginx } from '../fixtures/service/nginx.ts';
import { isLeftOut } from '../support/tools.ts';

async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dhash-drop-'));
  onTestFinished(async () => {
    await endProcessesOf(folder);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

async function behindBuiltIn(): Promise<Bot> {
  const bot = await createBot(await freshFolder());
  onTestFinished(() => bot.opened.close());
  return bot;
}

async function behindNginx(): Promise<Bot> {
  const folder = await freshFolder();
  const at = join(folder, 'nginx');
  const upstreamFile = join(at, 'upstream.conf');
  await mkdir(at);
  const bot = await createBot(folder, (listen) => ({ listen, nginx: { upstreamFile, upstream: 'dhash', reload: nginxReload(at) } }));
  onTestFinished(() => bot.opened.close());
  // As the guide has an operator set nginx up: before the first deploy its upstream names the blue slot.
  await writeFile(upstreamFile, upstreamText('dhash', bot.ports_.blue));
  onTestFinished(await startNginx(at, bot.ports_.listen));
  return bot;
}

async function carriedOut(bot: Bot, words: readonly string[]): Promise<void> {
  const id = await bot.ask([...words, '--no-monitor']);
  const { output } = await bot.work();
  expect((await bot.opened.store.request(id))?.state, output).toBe('succeeded');
  const measured = (await bot.opened.store.eventsOf(id)).filter(({ type }) => type === 'traffic.measured');
  expect(measured.map(({ data }) => data)).toMatchObject(measured.map(() => ({ failed: 0, firstFailure: null, interrupted: false })));
}

test.skipIf(isLeftOut('nginx'))(
  'nginx drops nobody in a deploy and a rollback',
  async () => dropsNobody(await behindNginx(), true),
  60_000,
);
test('the built-in proxy drops nobody in a deploy and a rollback', async () => dropsNobody(await behindBuiltIn(), false), 60_000);

async function dropsNobody(bot: Bot, retryReused: boolean): Promise<void> {
  await carriedOut(bot, ['deploy', 'v2.0.0']);
  const loads = [true, false].map((keepAlive) => startLoad(`${bot.publicUrl}/health`, { keepAlive, retryReused, everyMs: 1_000 / 60 }));
  await carriedOut(bot, ['deploy', 'v2.1.0']);
  await carriedOut(bot, ['rollback']);
  for (const { failures, answers } of await Promise.all(loads.map((load) => load.end()))) {
    expect(failures).toEqual([]);
    expect(answers.length).toBeGreaterThan(100);
    expect(new Set(answers.map(({ version }) => version))).toEqual(new Set(['v2.0.0', 'v2.1.0']));
  }
}
