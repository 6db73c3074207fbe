import { expect, it } from 'vitest';
import type { SlackMessage } from '../../demo/slack-driver.ts';
import { readable, translate } from '../../demo/slack-words.ts';
import { storyOf } from '../../demo/story.ts';

it.each([
  ['<!date^1795477412^{date_num} {time_secs}|2026-11-23T23:43:32Z>', '2026-11-23T23:43:32Z'],
  ['<!subteam^S0OPS> <!subteam^S0OPS|@ops>', '@S0OPS @ops'],
  ['<!here> and <!channel|everybody>', '@here and @channel'],
  ['a &lt;b&gt; &amp;amp; c', 'a <b> &amp; c'],
  ['before\n```\none\n\ntwo\n```', 'before\n`one`\n\n`two`'],
  ['<@U0ANA> <https://x.example|x> stay', '<@U0ANA> <https://x.example|x> stay'],
])('shows %j as %j', (slack, shown) => {
  expect(readable(slack)).toBe(shown);
});

it('changes texts at any depth, and nothing but texts', () => {
  const value = 'a &amp; b';
  const args = { text: value, ts: value, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: value }, value }] };
  expect(translate(args)).toEqual({
    text: 'a & b',
    ts: value,
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'a & b' }, value }],
  });
});

it('tells the channel with each thread under its first message, names and buttons as people see them', () => {
  const base: SlackMessage = { ts: '0.1', threadTs: null, user: 'U0DHASH', text: '', buttons: [], onlyFor: null, edited: false };
  const ack = { label: 'Acknowledge', actionId: 'a', blockId: 'b', value: null };
  const story = storyOf([
    { ...base, ts: '1795477412.1', text: 'Deploy\nasked by <@U0ANA>' },
    { ...base, ts: '1795477413.1', user: 'U0BOB', text: 'good morning' },
    { ...base, ts: '1795477414.1', threadTs: '1795477412.1', text: 'Breach', buttons: [ack] },
  ]);
  expect(story).toBe(
    [
      '23:43:32 dhash: Deploy',
      '         asked by @Ana (deploy lead)',
      '    23:43:34 dhash: Breach',
      '             [Acknowledge]',
      '',
      '23:43:33 Bob (reviewer): good morning',
    ].join('\n'),
  );
});
