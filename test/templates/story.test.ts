import { expect, test } from 'vitest';
import type { StoredEvent } from '../../src/core/event.ts';
import type { Message, Posting } from '../../src/templates/message.ts';
import { troubleOf } from '../../src/templates/notices/trouble.ts';
import { reportOf } from '../../src/templates/report.ts';
import { tellStory } from '../../src/templates/story.ts';
import { messageText } from '../../src/templates/text.ts';
import { viewOf } from '../../src/templates/view.ts';
import { approved, asked, breached, live, NOON, testLog } from '../support/log.ts';

function tell(events: readonly StoredEvent[]): readonly Posting[] {
  return events.flatMap((told, at) => tellStory(told, events.slice(0, at + 1)));
}

function lastCard(events: readonly StoredEvent[]): Message {
  const card = tell(events).findLast(({ where }) => where.kind === 'card');
  if (card === undefined) throw new Error('no card');
  return card.content;
}

const labels = (message: Message) => message.actions.map(({ label }) => label);
const fact = (message: Message, label: string) => message.facts.find((each) => each.label === label)?.value.join('');

test('a card that waits for approvals says who is missing and carries the three buttons', () => {
  const card = lastCard(asked().events());
  expect(card.title).toBe('Deploy of v2.1.0 to production: waiting for approvals');
  expect(labels(card)).toEqual(['Approve', 'Reject', 'Cancel']);
  expect(card.actions[0]).toMatchObject({
    value: { request: 'd-0001', expect: 'digest-1' },
    confirm: { text: expect.stringContaining('v2.1.0') },
  });
  expect(fact(card, 'Approvals')).toBe('0 of 2; missing: 1 from Ops/SRE, 1 more');
});

test('one approval is counted exactly as one', () => {
  const log = asked().add('approval.given', { digest: 'digest-1', ops: false }, { actor: { surface: 'slack', id: 'U0BOB', name: 'bob' } });
  expect(fact(lastCard(log.events()), 'Approvals')).toBe('1 of 2: bob; missing: 1 from Ops/SRE');
});

test('once it runs, Approve and Reject are gone and progress has an end in sight', () => {
  const card = lastCard(approved().events());
  expect(labels(card)).toEqual(['Cancel']);
  expect(card.progress).toEqual({ done: 0.5, etaAt: expect.any(Number) });
  expect(card.steps.map(({ state }) => state)).toEqual(['done', 'done', 'running', 'todo']);
});

test('a live version under watch offers Rollback now, with the facts in the dialog', () => {
  const card = lastCard(live().events());
  expect(card.title).toBe('v2.1.0 is live in production, being watched');
  expect(labels(card)).toEqual(['Rollback now']);
  expect(card.actions[0]?.confirm?.text).toMatch(
    /v2\.1\.0 -> v2\.0\.0\nBackup of 2026-11-23 12:00 UTC \(8s old\), verified .*\nData is left as it is: what was written in the .* since stays\.\nPromised within 10 minutes\./,
  );
  expect(card.actions[0]?.value.expect).toBe('live-j-0001');
});

test("the steps of the watch do not overwrite the deploy's", () => {
  expect(lastCard(live().events()).steps.map(({ title }) => title)).toEqual([
    'Run the checklist',
    'Collect approvals',
    'Back up what is live, and pin it',
    'Switch the proxy',
  ]);
});

test('a breach is told to the channel, with its three answers; calling people is the ladder that follows', () => {
  const news = tell(breached().events()).at(-1);
  expect(news?.where).toEqual({ kind: 'thread', request: 'd-0001', broadcast: true });
  expect(news?.content.title).toBe('Breach in production: response-time is 812 ms, want 200 ms');
  expect(labels(news?.content ?? lastCard([]))).toEqual(['Rollback now', 'Acknowledge', 'Snooze 10 min']);
  expect(JSON.stringify(news?.content.lines)).not.toContain('S0ONCALL');
});

test('a calm watch pings nobody', () => {
  const calm = tell(live().events());
  expect(JSON.stringify(calm.map(({ content }) => content))).not.toMatch(/"(group|person)":/);
});

test('every telling has a key of its own, and telling again gives the same', () => {
  const events = breached().events();
  const keys = tell(events).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(tell(events)).toEqual(tell(events));
});

test('the nightly backup is quiet when it is well, and loud when it fails', () => {
  const nightly = testLog('b-0001').add(
    'request.made',
    { kind: 'backup', tag: null, options: { do: 'create' }, parentId: null, expected: {} },
    { actor: { surface: 'schedule', id: 'schedule', name: 'the schedule' } },
  );
  expect(tell(nightly.events())).toEqual([]);
  nightly.add('request.ended', { state: 'failed', why: 'no space left' });
  expect(tell(nightly.events()).some(({ where }) => where.kind === 'thread' && where.broadcast)).toBe(true);
});

test('a rollback has its own card, and the thread it was asked in hears of it', () => {
  const log = testLog('r-0001').add(
    'request.made',
    { kind: 'rollback', tag: 'v2.0.0', options: { from: 'v2.1.0' }, parentId: 'd-0001', expected: {} },
    { actor: { surface: 'slack', id: 'U0OPS', name: 'olga' } },
  );
  expect(tell(log.events()).map(({ where }) => where)).toEqual([
    { kind: 'card', request: 'r-0001' },
    { kind: 'thread', request: 'd-0001', broadcast: false },
  ]);
});

test('a failure says what failed, what to do, and that the live version was not touched', () => {
  const failure = { step: 'backup', code: 'disk-full', message: 'no space left on /srv', hint: 'Free some space.', tail: ['ENOSPC'] };
  const events = approved()
    .add('step.failed', { direction: 'forward', attempt: 2, failure, retrying: false })
    .add('job.ended', { name: 'deploy', outcome: 'failed', durationMs: 5, failure })
    .add('request.ended', { state: 'failed', why: failure.message })
    .events();
  expect(lastCard(events).tail).toEqual(['ENOSPC']);
  const end = tell(events).findLast(({ where }) => where.kind === 'thread');
  expect(messageText(end?.content ?? lastCard(events), NOON).join('\n')).toMatch(
    /failed[\s\S]*no space left[\s\S]*Free some space\.[\s\S]*production was not touched/,
  );
});

test.each([
  ['backup', 'Undoing what was begun', 'production was not touched', 'the bot undid what it had begun'],
  ['switch', 'Going back by itself', 'production is back on the version before it', 'the bot went back by itself'],
])('a way back from the step %s says whether users noticed anything', (step, title, ends, done) => {
  const failure = { step, code: 'x', message: 'no', hint: null, tail: [] };
  const events = approved()
    .add('step.started', { step, title: step, index: 1, of: 9, direction: 'forward', attempt: 1 })
    .add('step.failed', { direction: 'forward', attempt: 1, failure, retrying: false })
    .add('job.turned-back', { because: 'no', failure })
    .add('job.ended', { name: 'deploy', outcome: 'failed', durationMs: 5, failure })
    .add('request.ended', { state: 'failed', why: 'no' })
    .events();
  const thread = tell(events).filter(({ where }) => where.kind === 'thread');
  expect(thread.map(({ content }) => content.title)).toContain(title);
  expect(JSON.stringify(thread.at(-1)?.content)).toContain(ends);
  const [view, last] = [viewOf(events), events.at(-1)];
  expect(view === null || last === undefined ? null : troubleOf(last, view)).toMatchObject({ status: ends, actions: done });
});

test('the report holds the same facts as Markdown and as JSON, with a versioned schema', () => {
  const report = reportOf(live().events());
  expect(JSON.parse(report?.json ?? '{}')).toMatchObject({ schemaVersion: 1, id: 'd-0001', traffic: { total: 214, failed: 0 } });
  expect(report?.markdown).toContain('0 of 214 requests failed');
  expect(report?.markdown).toContain('| backup | pass | verified an hour ago |');
});

test("text from outside cannot become the report's markup", () => {
  const failure = { step: 'backup', code: 'x', message: '| # <script> `rm` [x](y)', hint: null, tail: [] };
  const report = reportOf(
    approved()
      .add('job.ended', { name: 'deploy', outcome: 'failed', durationMs: 5, failure })
      .add('request.ended', { state: 'failed', why: failure.message })
      .events(),
  );
  expect(report?.markdown).toContain('\\| \\# \\<script\\> \\`rm\\` \\[x\\](y)');
});

test('control characters never reach a terminal', () => {
  const lines = messageText({ ...lastCard(asked().events()), title: 'a\u001b[2Jb\u0007\u202ec' }, NOON);
  const codes = [...lines.join('')].map((char) => char.codePointAt(0) ?? 0);
  expect(codes.filter((code) => code < 0x20 || code === 0x7f || code === 0x202e)).toEqual([]);
});

test('a story without its beginning is no story', () => {
  expect(viewOf(testLog().add('job.queued', { name: 'deploy' }).events())).toBeNull();
});

test('what is told last leads to the whole report, and nothing else does', () => {
  const events = live().add('request.ended', { state: 'succeeded', why: 'succeeded' }).events();
  const told = events.flatMap((one, at) => tellStory(one, events.slice(0, at + 1), null, 'https://ops.example.com/reports/'));
  const linked = told.filter(({ content }) => JSON.stringify(content).includes('https://ops.example.com/reports/d-0001.html'));
  const ends = new Set(events.filter(({ type }) => type === 'request.ended').map(({ seq }) => `thread:d-0001:${seq}`));
  expect(new Set(linked.map(({ key }) => key))).toEqual(ends);
});

test('requests that failed before the switch, or after the version was proven, are told as that', () => {
  const phases = { before: { total: 6, failed: 4 }, during: { total: 12, failed: 0 }, after: { total: 28, failed: 1 } };
  const told = tell(live().add('traffic.measured', { total: 46, failed: 5, phases, firstFailure: null, interrupted: false }).events());
  expect(told.at(-1)?.content.title).toBe('0 of 12 requests failed (4 of 6 before, 1 of 28 after) while traffic moved');
});
