// What a deploy brings, on the card that asks for its approvals.

import { expect, test } from 'vitest';
import type { NewCommits } from '../../src/core/ports.ts';
import { createReleases } from '../../src/host/releases/releases.ts';
import { layout } from '../../src/slack/layout.ts';
import { card } from '../../src/templates/card.ts';
import { commitLines, commitsPhrase } from '../../src/templates/commits.ts';
import { lineText } from '../../src/templates/text.ts';
import { viewOf } from '../../src/templates/view.ts';
import { freshFolder, testCommands, until } from '../host/support/commands.ts';
import { makeRepository } from '../host/support/repository.ts';
import { testClock } from '../support/clock.ts';
import { approveBoth, ask, deployed, endWatches } from '../support/stories.ts';
import { type World, world } from '../support/world.ts';

const told = (found: NewCommits) => commitLines({ since: 'v2.0.0', found }).map(lineText);

test.each<[string, NewCommits, string[]]>([
  ['one', { count: 1, missing: 0, subjects: ['Mend it'] }, ['Brings 1 commit since v2.0.0', '- Mend it']],
  [
    'more than are shown',
    { count: 7, missing: 0, subjects: ['a', ''] },
    ['Brings 7 commits since v2.0.0', '- a', '- (no subject)', '- and 5 more'],
  ],
  ['none', { count: 0, missing: 0, subjects: [] }, ['Brings no commit since v2.0.0']],
  ['a way back', { count: 0, missing: 1, subjects: [] }, ['Brings no commit since v2.0.0; 1 commit of v2.0.0 is NOT in it']],
  ['a branch', { count: 1, missing: 3, subjects: ['a'] }, ['Brings 1 commit since v2.0.0; 3 commits of v2.0.0 are NOT in it', '- a']],
])('commits are told: %s', (_what, found, expected) => {
  expect(told(found)).toEqual(expected);
});

test('what is not known is said to be', () => {
  expect(commitLines({ since: 'v2.0.0', found: null }).map(lineText)).toEqual(['Commits since v2.0.0: not known']);
  expect(commitsPhrase({ since: 'v2.0.0', found: null })).toBe('commits since v2.0.0 are not known');
});

const waitingCard = async (bot: World, id: string) => {
  const view = viewOf(await bot.store.eventsOf(id));
  if (view === null) throw new Error('no card');
  return card(view);
};
/** git takes time of its own, which no clock of a test moves. */
const opened = async (bot: World, text: string) => {
  const id = await ask(bot, text);
  await until(async () => (await bot.eventsOf(id)).includes('approvals.opened'), `the approvals of ${id}`);
  return id;
};
const wordsOf = async (bot: World, id: string) => (await waitingCard(bot, id)).lines.map(lineText);

test('the card that waits for approvals shows what a real repository has since what is live, and no subject pings or decorates', async () => {
  const folder = freshFolder();
  const repository = makeRepository(folder);
  repository.commit({ 'server.js': '1' });
  repository.git('tag', 'v2.0.0');
  for (const subject of ['<!channel> *all* <@U0LEAD>', 'Mend the mixer']) repository.git('commit', '-q', '--allow-empty', '-m', subject);
  repository.git('tag', 'v2.1.0');
  repository.publish();
  const { newCommits } = createReleases({ commands: testCommands(folder), clock: testClock(), onUnlinked: () => {} });
  const bot = world({ environment: { source: { kind: 'git', url: repository.url } } });
  Object.assign(bot.ports.releases, { newCommits });
  for (const tag of ['v2.0.0', 'v2.1.0']) bot.host.tags[tag] = repository.git('rev-parse', tag);

  const first = await ask(bot, 'deploy v2.0.0');
  expect(await wordsOf(bot, first)).not.toContainEqual(expect.stringContaining('since'));
  await approveBoth(bot, first);
  await endWatches(bot);
  const second = await opened(bot, 'deploy v2.1.0');
  expect((await wordsOf(bot, second)).slice(0, 3)).toEqual([
    'Brings 2 commits since v2.0.0',
    '- Mend the mixer',
    '- <!channel> *all* <@U0LEAD>',
  ]);
  const laid = JSON.stringify(layout(await waitingCard(bot, second)));
  expect(laid).toContain('- &lt;!channel&gt; `*all*` &lt;@U0LEAD&gt;');
  expect(laid).not.toMatch(/<[!@](?!date)/);
  await approveBoth(bot, second);
  expect(await wordsOf(bot, second)).not.toContainEqual(expect.stringContaining('Brings'));
});

test('a source that cannot be asked keeps no deploy, and the card says that it is not known', async () => {
  const bot = world();
  await deployed(bot, 'v2.0.0');
  await endWatches(bot);
  Object.assign(bot.ports.releases, { newCommits: () => Promise.reject(new Error('away')) });
  const id = await ask(bot, 'deploy v2.1.0');
  expect(await wordsOf(bot, id)).toContain('Commits since v2.0.0: not known');
  await approveBoth(bot, id);
  expect((await bot.store.request(id))?.state).toBe('succeeded');
});

test('a source without a history tells nothing', async () => {
  const bot = world();
  await deployed(bot, 'v2.0.0');
  await endWatches(bot);
  const id = await ask(bot, 'deploy v2.1.0');
  expect(await wordsOf(bot, id)).not.toContainEqual(expect.stringContaining('since'));
});
