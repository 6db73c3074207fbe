// A worker of its own never speaks with Slack: who is in a user group it knows from what the bot wrote down.

import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createStage, until } from '../fixtures/e2e/program.ts';

test('a deploy that a worker carries while Slack is away counts the members that were known a minute ago', {
  timeout: 90_000,
}, async () => {
  const stage = await createStage({ checklist: ['contacts'], escalation: [{ to: 'oncall', after: '0s' }] });
  const { bot } = stage;
  const { store } = bot.opened;
  await writeFile(bot.configFile, (await readFile(bot.configFile, 'utf8')).replace('oncall: U0OPS', 'oncall: S0ONCALL'));
  const at = bot.ports.clock.now() - 60_000;
  await store.set('slack:group:S0ONCALL', { members: ['U0OPS'], at });

  const request = await bot.ask(['deploy', 'v2.0.0', '--no-monitor']);
  const worker = await stage.start('worker');
  const judged = await until('it is judged', async () => (await store.eventsOf(request)).find(({ type }) => type === 'checklist.judged'));
  expect(judged.data).toMatchObject({ passed: true, evidence: [{ check: 'contacts', result: { kind: 'pass' }, at }] });
  stage.openGate();
  worker.kill('SIGTERM');
  expect(await worker.exited, worker.said()).toEqual({ code: 0, signal: null });
});
