import { describe, expect, test } from 'vitest';
import { slackEntries } from '../../src/projector.ts';
import { reportOf } from '../../src/templates/report.ts';
import { tellStory } from '../../src/templates/story.ts';
import { viewOf } from '../../src/templates/view.ts';
import { ask, deployed, NO_APPROVALS } from '../support/stories.ts';
import { ANA, OLGA, world } from '../support/world.ts';

const MINUTE = 60_000;

describe('a watch that is canceled', () => {
  test('is closed: its card, its thread and its report say so at once', async () => {
    const bot = world({ environment: NO_APPROVALS });
    const id = await deployed(bot, 'v2.0.0');
    await bot.clock.later(MINUTE);
    await bot.say(OLGA, `cancel ${id}`);
    await bot.work();
    const story = await bot.store.eventsOf(id);
    expect(story.filter(({ type }) => type === 'monitor.ended')).toMatchObject([
      { data: { verdict: 'not-certified', why: 'canceled by olga', breaches: 0 } },
    ]);
    const titles = story.flatMap((one, at) => tellStory(one, story.slice(0, at + 1))).map(({ content }) => content.title);
    expect(titles.at(-1)).toBe('Deploy of v2.0.0 to production: not certified');
    expect(titles).not.toContain('Going back by itself');
    expect(titles).toContain('v2.0.0 is NOT certified in production');
    const [ended] = story.filter((told) => told.type === 'monitor.ended');
    expect(ended?.data.checks).toBeGreaterThan(0);
    expect(ended?.data.totals?.answers).toBeGreaterThan(0);
    expect(ended?.data.measures).not.toEqual([]);
    const draw = slackEntries(bot.config, 'C0OPS', 'https://ops.test/reports/');
    const entries = story.flatMap((one, at) => draw(one, story.slice(0, at + 1)));
    expect(entries.some(({ content }) => /\d+ of \d+ answers pass/.test(JSON.stringify(content)))).toBe(true);
    const report = bot.files.get(`/data/reports/${id}.md`);
    expect(report).toContain('not certified');
    expect(report).toContain('canceled by olga');
    expect(reportOf(story)?.json).toContain('"rollbackClock": null');
  });

  test('and was asked for by itself leaves a report, too', async () => {
    const bot = world({ environment: NO_APPROVALS });
    await deployed(bot, 'v2.0.0');
    await bot.clock.later(11 * MINUTE);
    const id = await ask(bot, 'monitor');
    await bot.clock.later(MINUTE);
    await bot.say(ANA, `cancel ${id}`);
    await bot.work();
    expect((await bot.store.request(id))?.state).toBe('canceled');
    expect(bot.files.get(`/data/reports/${id}.md`)).toContain('canceled by ana');
    expect(viewOf(await bot.store.eventsOf(id))).toMatchObject({ turnedBack: false, watch: { ended: { why: 'canceled by ana' } } });
  });
});
