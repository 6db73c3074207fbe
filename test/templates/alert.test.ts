import { expect, test } from 'vitest';
import type { RollbackOffer } from '../../src/core/event.ts';
import { layout } from '../../src/slack/layout.ts';
import { card } from '../../src/templates/card.ts';
import { tellStory } from '../../src/templates/story.ts';
import { lineText } from '../../src/templates/text.ts';
import { viewOf } from '../../src/templates/view.ts';
import { live, NOON, type TestLog } from '../support/log.ts';
import { OLGA } from '../support/world.ts';

const OFFER: RollbackOffer = {
  deploymentId: 'live-j-0001',
  fromTag: 'v2.1.0',
  toTag: 'v2.0.0',
  backup: 'dhash_20261123_120000_v2.0.0.zip',
  backupAt: NOON,
  verifiedAt: NOON,
  estimateMs: 42_000,
};
const FACTS = {
  incident: 'INC-d-0001-1',
  kind: 'emergency',
  severity: 'critical',
  about: 'error-rate is 2.5 %',
  rollback: OFFER,
  meeting: 'https://meet.example.com/ops',
} as const;

function told(log: TestLog) {
  const events = log.events();
  const last = events.at(-1);
  const news = last === undefined ? [] : tellStory(last, events);
  return news.find(({ where }) => where.kind === 'thread');
}

const labels = (log: TestLog) => told(log)?.content.actions.map(({ label }) => label);

test('a countdown is told to the channel, with the three ways to answer it and the facts in the dialog', () => {
  const log = live().add('rollback.counting', { until: NOON + 60_000, rule: 'error-rate', offer: OFFER }, { jobId: 'j-count' });
  expect(told(log)?.where).toMatchObject({ broadcast: true });
  expect(labels(log)).toEqual(['Roll back now', 'Cancel', 'Snooze 10 min']);
  expect(told(log)?.content.actions[0]?.confirm?.text).toMatch(/\(\d+s old\), verified .*\n.*stays\.\nTakes about 42s\./);
  expect(told(log)?.content.actions[1]?.value).toMatchObject({ request: 'd-0001', expect: 'j-count' });
  const view = viewOf(log.events());
  expect(view === null ? [] : card(view).facts.map(({ label }) => label)).toContain('Rolls back by itself');
});

test('an emergency carries its number, what is live, whether one can go back, and where to meet; it pings by id', () => {
  const call = { ...FACTS, to: 'oncall', person: 'S0ONCALL', rung: 1, of: 2, reach: 'known' } as const;
  const posting = told(live().add('escalation.called', call, { jobId: 'j-up' }));
  expect(posting?.where).toMatchObject({ broadcast: true });
  expect(posting?.content.facts.map(({ label, value }) => `${label}: ${lineText(value)}`)).toEqual([
    'Incident: INC-d-0001-1',
    'Live: v2.1.0',
    'Rollback possible: yes: to v2.0.0, in about 42s',
    'Meet at: the meeting (https://meet.example.com/ops)',
  ]);
  expect(JSON.stringify(posting === undefined ? '' : layout(posting.content))).toContain('<!subteam^S0ONCALL');
});

test('a lesser call stays in the thread at first, and is told to the channel from the second person on', () => {
  const call = (rung: number) =>
    told(
      live().add(
        'escalation.called',
        { ...FACTS, kind: 'breach', to: 'deployLead', person: 'U0LEAD', rung, of: 3, reach: 'unknown' },
        { jobId: 'j-up' },
      ),
    );
  expect(call(1)?.where).toMatchObject({ broadcast: false });
  expect(call(2)?.where).toMatchObject({ broadcast: true });
  expect(call(3)?.content.lines.map(lineText).join(' ')).toContain('nobody else will be called');
});

test('when the way back changes, a new button goes to the new backup, on the card too', () => {
  const next = { ...OFFER, toTag: 'v1.9.0', backup: 'dhash_20261120_090000_v1.9.0.zip' };
  const log = live().add('rollback.unarmed', { backup: OFFER.backup, why: 'the bytes differ', next }, { jobId: 'j-arm' });
  expect(told(log)).toMatchObject({ where: { broadcast: true } });
  const view = viewOf(log.events());
  for (const action of [told(log)?.content.actions[0], view === null ? undefined : card(view).actions[0]])
    expect(action?.value.flags).toEqual(['--shown=dhash_20261120_090000_v1.9.0.zip']);
});

test('who snoozed and who looks after it stands on the card, with the time', () => {
  const log = live()
    .add('escalation.started', { ...FACTS, rungs: [] }, { jobId: 'j-up' })
    .add('alert.snoozed', { until: NOON + 600_000, about: 'error-rate' }, { actor: OLGA })
    .add('alert.acknowledged', { gate: 'error-rate' }, { actor: OLGA });
  const view = viewOf(log.events());
  const facts = view === null ? [] : card(view).facts.map(({ label, value }) => `${label} ${lineText(value)}`);
  expect(facts.filter((fact) => /^(Snoozed|Looked)/.test(fact))).toEqual([
    expect.stringMatching(/^Snoozed by olga until 2026-11-23.12:10/),
    expect.stringMatching(/^Looked after by olga since 2026-11-23/),
  ]);
});
