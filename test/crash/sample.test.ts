// A short sample of `npm run test:crash`, without Slack: one deploy whose worker is killed right after the switch, and the next one on the way back.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { endProcessesOf } from '../../demo/leftovers.ts';
import { expectToldOnce, expectWorld, startsOf, zipsOf } from '../fixtures/crash/world.ts';
import { createBot } from '../fixtures/e2e/bot.ts';

test('a deploy that is killed right after its switch and again on its way back ends with the old version live, each thing done once', {
  timeout: 120_000,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dhash-crash-'));
  const script = `process.exit(require('fs').existsSync(${JSON.stringify(join(dir, 'smoke-fails'))}) ? 1 : 0)`;
  const bot = await createBot(dir, undefined, { smoke: [{ name: 'switchable', run: [process.execPath, '-e', script], critical: true }] });
  onTestFinished(async () => {
    bot.opened.close();
    await endProcessesOf(dir);
    await rm(dir, { recursive: true, force: true });
  });
  await bot.ask(['deploy', 'v2.0.0', '--no-monitor']);
  const first = await bot.work();
  expect(first.code, first.output).toBe(0);
  expect(new Set(first.places).size, 'places found by the program itself').toBeGreaterThan(100);

  await writeFile(join(dir, 'smoke-fails'), '');
  const request = await bot.ask(['deploy', 'v2.1.0', '--no-monitor']);
  for (const place of ['traffic.switched + event step.finished:switch', 'step.finished:restart-old']) {
    const killed = await bot.work(`before commit event ${place}#1`);
    expect(killed.signal, `it did not die at ${place}\n${killed.output}`).toBe('SIGKILL');
  }
  const last = await bot.work();
  expect(last.code, last.output).toBe(0);
  await expectWorld(bot, request, 'failed', 'v2.0.0');
  const story = await bot.opened.store.eventsOf(request);
  expectToldOnce(story, ['request.made', 'backup.created', 'job.ended', 'request.ended']);
  expect(story.find(({ type }) => type === 'job.ended')?.data).toMatchObject({ failure: { step: 'smoke' } });
  expect(await zipsOf(bot)).toHaveLength(1);
  expect([await startsOf(bot, 'v2.0.0'), await startsOf(bot, 'v2.1.0')]).toEqual([2, 1]);
});
