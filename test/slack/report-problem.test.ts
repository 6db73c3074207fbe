// Report a problem, from the button to the watch that counts it: a Slack on sockets in front, a real bot behind.

import { afterEach, expect, it } from 'vitest';
import { tellStory } from '../../src/templates/story.ts';
import { buttonClick, rejectSubmission } from '../support/slack/sender.ts';
import { type Surface, startSurface } from '../support/slack/surface.ts';
import { until } from '../support/slack/world.ts';
import { deployed, NO_APPROVALS } from '../support/stories.ts';
import { world } from '../support/world.ts';

let surface: Surface;
afterEach(async () => {
  await surface.close();
  expect(surface.fake.violations).toEqual([]);
});

it('opens a dialog, is told in the thread with who and what, and two people who do breach the watch', async () => {
  const bot = world({ environment: NO_APPROVALS });
  const id = await deployed(bot, 'v2.0.0');
  surface = await startSurface({ socket: true, reply: bot.app.handle });
  const { fake, waitFor } = surface;
  const value = { request: id, expect: null, environment: 'production' };

  const reports = async (user: string, words: string, nth: number) => {
    const person = { user: { id: user, username: user, name: user, team_id: 'T0TEAM' } };
    await fake.envelope('interactive', buttonClick('report', value, person));
    await until('the dialog is open', () => fake.views.length === nth);
    const view = Object(fake.views[nth - 1]?.view);
    expect(view).toMatchObject({ callback_id: 'dhash:report', title: { text: 'Report a problem' } });
    const submission = rejectSubmission(JSON.parse(String(view.private_metadata)), words, person);
    const submitted = { ...submission, view: { ...Object(submission['view']), callback_id: 'dhash:report' } };
    expect(await fake.envelope('interactive', submitted)).toEqual({});
    await waitFor('the answer is there', () => fake.ephemerals.length === nth);
  };
  await reports('U0ALICE', 'black frames', 1);
  const story = await bot.store.eventsOf(id);
  const told = story.find(({ type }) => type === 'problem.reported');
  expect(told).toMatchObject({ actor: { id: 'U0ALICE' }, data: { text: 'black frames' } });
  const thread = story.flatMap((one, at) => tellStory(one, story.slice(0, at + 1))).filter(({ where }) => where.kind === 'thread');
  expect(JSON.stringify(thread.at(-1)?.content)).toContain('black frames');

  await bot.clock.later(60_000);
  expect(await bot.eventsOf(id)).not.toContain('monitor.breached');
  await reports('U0BOB', 'here too', 2);
  await bot.clock.later(60_000);
  expect((await bot.store.eventsOf(id)).find(({ type }) => type === 'monitor.breached')).toMatchObject({ data: { gate: 'reports' } });
  bot.opened.close();
});
