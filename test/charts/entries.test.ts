// From the log into the queue: a whole watch puts its charts beside its words, in their order.

import { expect, test } from 'vitest';
import { createChartEntries } from '../../src/chart-entries.ts';
import { createProjector, slackEntries } from '../../src/projector.ts';
import { deployed, NO_APPROVALS } from '../support/stories.ts';
import { world } from '../support/world.ts';

test('a watch that breaches has a chart at the breach, at its half and at its end, each behind its words', async () => {
  const bot = world({ environment: NO_APPROVALS });
  const id = await deployed(bot, 'v2.0.0');
  await bot.clock.later(60_000);
  bot.host.health = { status: 503, version: null };
  await bot.clock.later(700_000);
  const { store, opened, config, clock, ports } = bot;
  const common = { store, outbox: opened.outbox, changed: () => true, clock, log: ports.log, onQueued: () => {} };
  const charts = createChartEntries({ store, config });
  const draw = slackEntries(config, 'C0OPS', 'http://ops.example.com/reports/');
  await createProjector({ ...common, cursor: 'slack', draw, charts }).catchUp();

  const kinds: string[] = [];
  for (let head = await opened.outbox.head('C0OPS'); head !== null; head = await opened.outbox.head('C0OPS')) {
    const { title } = JSON.parse(JSON.stringify(head.content));
    if (head.to.kind !== 'card') kinds.push(`${head.to.kind}: ${title}`);
    await opened.outbox.begin(head.id, 'test:1:1', clock.now());
    await opened.outbox.sent(head.id, head.to.kind === 'card' ? '1.1' : null);
  }
  const charted = kinds.filter((kind) => kind.startsWith('chart'));
  expect(charted).toEqual(['chart: v2.0.0: breach', 'chart: v2.0.0: T+5m', 'chart: v2.0.0: the whole watch']);
  expect(kinds[kinds.indexOf('chart: v2.0.0: T+5m') - 1]).toMatch(/^thread: T\+5m/);
  expect(kinds.at(-2)).toMatch(/^thread: v2.0.0 is NOT certified/);
  expect((await store.eventsOf(id)).at(-1)?.type).toBe('job.ended');
});
