import { expect, test } from 'vitest';
import type { Config } from '../../src/core/config.ts';
import { NOTICE_FIELDS, NOTICES } from '../../src/core/notice.ts';
import { layout } from '../../src/slack/layout.ts';
import { mailOf } from '../../src/templates/mail.ts';
import type { Message } from '../../src/templates/message.ts';
import { noticesOf } from '../../src/templates/notices/moments.ts';
import { drawNotice } from '../../src/templates/notices/notice.ts';
import { sampleOf } from '../../src/templates/notices/sample.ts';
import { pagesOf } from '../../src/templates/page.ts';
import { reportPage } from '../../src/templates/report-page.ts';
import { tellStory } from '../../src/templates/story.ts';
import { teamsCard } from '../../src/templates/teams.ts';
import { messageText } from '../../src/templates/text.ts';
import { viewOf } from '../../src/templates/view.ts';
import { testConfig } from '../support/config.ts';
import { approved, breached, INCIDENT, live, NOON, RULE_MET, type TestLog } from '../support/log.ts';

const SITE = testConfig();
const ABOUT = { service: 'mobius-dhash', environment: 'production', request: 'd-0001', at: NOON };

function withWording(wording: Config['notify']['wording']): Config {
  return testConfig({}, { notify: { ...SITE.notify, wording } });
}

/** The first notice of the newest event. */
function newest(log: TestLog, site: Config = SITE): Message {
  const story = log.events();
  const told = story.at(-1);
  const view = viewOf(story);
  if (told === undefined || view === null) throw new Error('no story');
  const notice = noticesOf({ told, story, view, site, form: 'mail' })[0];
  if (notice === undefined) throw new Error(`${told.type} sends nothing`);
  const drawn = drawNotice(notice, { view, site });
  if (drawn.kind === 'stopped') throw new Error(`stopped by ${drawn.words.join(', ')}`);
  return drawn.message;
}

test.each(NOTICES)('%s carries every one of its facts, and draws the same each time', (name) => {
  const { notice, view } = sampleOf(name, SITE, 'chat');
  expect(Object.keys(notice.facts).sort()).toEqual([...NOTICE_FIELDS[name]].sort());
  expect(Object.values(notice.facts).every((line) => line.length > 0)).toBe(true);
  const again = sampleOf(name, SITE, 'chat');
  expect(JSON.stringify(drawNotice(again.notice, { view: again.view, site: SITE }))).toBe(
    JSON.stringify(drawNotice(notice, { view, site: SITE })),
  );
});

test.each(NOTICES)('%s reads the same, letter for letter, as it was agreed', (name) => {
  const { notice, view, told } = sampleOf(name, SITE, 'mail');
  const drawn = drawNotice(notice, { view, site: SITE });
  if (drawn.kind === 'stopped') throw new Error('stopped');
  expect(messageText(drawn.message, told.at).join('\n')).toMatchSnapshot();
});

test('what was not measured is said to be so, and never counts as good', () => {
  const unknown = {
    gate: 'error-rate',
    label: 'Error rate',
    value: 'not measured (no traffic)',
    threshold: 'at most 0.1 %',
    state: 'unknown' as const,
  };
  const half = live().add(
    'monitor.updated',
    { offsetMs: 1_800_000, remainingMs: 1_800_000, measures: [unknown], verdict: 'healthy' },
    { jobId: 'j-watch' },
  );
  const text = messageText(newest(half), NOON).join('\n');
  expect(text).toContain('Error rate: not measured (no traffic) (target: at most 0.1 %) not judged');
  expect(text).toContain('Quality gates: 0 of 1 pass; not judged: Error rate');
  expect(text).toContain('Response time: not measured');
  expect(text).toContain('Impact on users: not known');
});

test('a release that was not certified is never called successful', () => {
  const ended = live().add(
    'monitor.ended',
    { verdict: 'not-certified', why: 'out of sight at the end: metrics', checks: 3, breaches: 0, measures: [] },
    { jobId: 'j-watch' },
  );
  const text = messageText(newest(ended), NOON).join('\n');
  expect(text).toContain('v2.1.0 is NOT certified');
  expect(text).not.toContain('officially successful');
});

test('a rollback rule that was met and a watch that was blind are incidents, whatever came of them', () => {
  const ended = { verdict: 'certified', why: '3 checks, no breach', checks: 3, measures: [] } as const;
  const incidents = (log: TestLog, breaches: number) => {
    const { facts } = newest(log.add('monitor.ended', { ...ended, breaches }, { jobId: 'j-watch' }));
    return facts.find(({ label }) => label === 'Incidents')?.value.join('');
  };
  const watch = { jobId: 'j-watch' };
  expect(incidents(live(), 0)).toBe('none');
  expect(incidents(breached(), 1)).toBe('1 breach: response-time');
  const blind = { source: 'metrics', checks: 3, detail: 'refused' };
  const all = breached().add('monitor.rule-met', RULE_MET, watch).add('monitor.blind', blind, watch).add('monitor.blind', blind, watch);
  expect(incidents(all, 1)).toBe('1 breach: response-time; 1 rollback rule met: error-rate; blind 2 times: metrics');
  expect(incidents(live().add('monitor.rule-met', RULE_MET, watch), 0)).toBe('1 rollback rule met: error-rate');
});

test('one breach is told as one', () => {
  const log = breached().add(
    'monitor.ended',
    { verdict: 'certified', why: 'recovered', checks: 9, breaches: 1, measures: [] },
    { jobId: 'j-watch' },
  );
  const story = log.events();
  const told = story
    .flatMap((one, at) => tellStory(one, story.slice(0, at + 1)))
    .map(({ content }) => messageText(content, NOON).join(' '));
  expect(told.at(-1)).toContain('9 checks, 1 breach.');
  const view = viewOf(story);
  if (view === null) throw new Error('no story');
  expect(reportPage({ view, story, charts: [], logs: [] })).toContain('(9 checks, 1 breach)');
});

test('an e-mail names the address of the deploy lead, a chat does not', () => {
  const contacts = { U0LEAD: { name: 'Ana', mail: 'ana@example.com' } };
  const site = testConfig({}, { notify: { ...SITE.notify, contacts } });
  const lead = (form: 'chat' | 'mail') => sampleOf('success', site, form).notice.facts;
  expect(lead('mail')).toMatchObject({ lead: ['Ana <ana@example.com>'] });
  expect(lead('chat')).toMatchObject({ lead: ['Ana'] });
});

test('a breach in the thread keeps its own words and buttons, and gains the facts, in one message', () => {
  const events = breached().events();
  const told = events.at(-1);
  if (told === undefined) throw new Error('no event');
  const postings = tellStory(told, events, SITE);
  const thread = postings.filter(({ where }) => where.kind === 'thread');
  expect(thread).toHaveLength(1);
  const [post] = thread;
  expect(post?.content.title).toBe('Breach in production: response-time is 812 ms, want 200 ms');
  expect(post?.content.actions.map(({ label }) => label)).toEqual(['Rollback now', 'Acknowledge', 'Snooze 10 min']);
  expect(post?.content.facts.map(({ label }) => label)).toEqual([
    'What happened',
    'Severity',
    'Deploy lead',
    'Status',
    'Impact on users',
    'Done so far',
    'Next steps',
    'Expected end',
  ]);
  // Whom it calls is told by the ladder of calls, in a message of its own.
  expect(JSON.stringify(post?.content.lines)).toContain('Ready to go back to');
  expect(JSON.stringify(post?.content.lines)).not.toContain('"person"');
});

test('the notices add no post to the thread', () => {
  const events = breached().events();
  const posts = (site: Config | null) =>
    events.flatMap((told, at) => tellStory(told, events.slice(0, at + 1), site)).map(({ key, where }) => ({ key, where }));
  expect(posts(SITE)).toEqual(posts(null));
});

test('a calm deploy pings nobody, with the facts of the notices as without', () => {
  const events = live().events();
  const told = events.flatMap((one, at) => tellStory(one, events.slice(0, at + 1), SITE));
  expect(JSON.stringify(told.map(({ content }) => content))).not.toMatch(/"(group|person)":/);
});

test("a site's own words stand above the facts, which stay", () => {
  const site = withWording({ announcement: { title: '{{service}} {{tag}} soon', text: 'Lead: {{lead}}\nThank you' } });
  const log = approved();
  const filled = log.events().findIndex(({ type }) => type === 'approvals.filled');
  const { notice, view } = sampleOf('announcement', site, 'chat');
  expect(filled).toBeGreaterThan(0);
  const drawn = drawNotice(notice, { view, site });
  expect(drawn).toMatchObject({
    kind: 'drawn',
    message: { title: 'mobius-dhash v2.1.0 soon', lines: [['Lead: U0LEAD'], ['Thank you'], expect.anything(), expect.anything()] },
  });
  if (drawn.kind === 'drawn') expect(drawn.message.facts).toHaveLength(NOTICE_FIELDS.announcement.length);
});

test('a placeholder that nobody filled in stops the send and is named', () => {
  const site = withWording({ success: { title: null, text: 'Live since [DATE], thanks to @DEPLOY_LEAD' } });
  const { notice, view } = sampleOf('success', site, 'chat');
  expect(drawNotice(notice, { view, site })).toEqual({ kind: 'stopped', words: ['[DATE]', '@DEPLOY_LEAD'] });
});

test('a fact that is a placeholder as a whole stops the send; one that merely holds such a word does not', () => {
  const site = withWording({ success: { title: '{{tag}} is live', text: null } });
  const { notice, view } = sampleOf('success', site, 'chat');
  if (notice.name !== 'success') throw new Error('wrong sample');
  const tagged = (tag: string) => drawNotice({ ...notice, facts: { ...notice.facts, tag: [tag] } }, { view, site }).kind;
  expect(tagged('RELEASE_TAG')).toBe('stopped');
  expect(tagged('see [ENOENT] in the log')).toBe('drawn');
});

test('a call for help goes out in the bot’s own words rather than not at all', () => {
  const site = withWording({ escalation: { title: null, text: 'Call [XXX]' } });
  const { notice, view } = sampleOf('escalation', site, 'chat');
  const drawn = drawNotice(notice, { view, site });
  expect(JSON.stringify(drawn)).toContain('was not used: [XXX] is not filled in');
});

const HOSTILE =
  'v1\r\nBcc: evil@example.com <script>alert(1)</script> <!channel> <at>all</at> {{DATE(2026)}} **x** [y](https://evil.example) \u202eabc';

test('a subject is one line, whatever a tag or a reason holds', () => {
  const { subject } = mailOf({ ...newest(breached()), title: `${HOSTILE} ${'x'.repeat(500)}` }, ABOUT);
  expect(subject).not.toMatch(/[\r\n\u202e]/);
  expect([...subject].length).toBeLessThanOrEqual(160);
});

test('HTML holds no markup from outside', () => {
  const hostile: Message = {
    ...newest(breached()),
    title: HOSTILE,
    facts: [{ label: HOSTILE, value: [HOSTILE, { code: HOSTILE }, { link: 'javascript:alert(1)', label: HOSTILE }] }],
    lines: [[{ link: 'https://x.example/?a="><img>', label: HOSTILE }]],
    tail: ['</pre><img src=x onerror=1>'],
  };
  const { html } = mailOf(hostile, ABOUT);
  expect(html).not.toMatch(/<script|<img|javascript:alert\(1\)"|href="javascript/);
  expect(html).toContain('&lt;script&gt;');
});

test('a Teams card carries text from outside in text runs alone, which read no markup and ping nobody', () => {
  const hostile: Message = { ...newest(breached()), title: HOSTILE, facts: [{ label: 'x', value: [HOSTILE] }], tail: [HOSTILE] };
  const card = JSON.stringify(teamsCard(hostile, HOSTILE));
  expect(card).not.toMatch(/"type":"(TextBlock|FactSet)"|"entities"/);
  expect(card).not.toContain('{{');
  expect(card).not.toMatch(/<\/?at>/);
});

test('a Teams card stays below what Teams takes, and says what it left out', () => {
  const long: Message = { ...newest(breached()), lines: Array.from({ length: 400 }, (_, at) => [`line ${at} ${'ü'.repeat(200)}`]) };
  const card = JSON.stringify(teamsCard(long, 'small'));
  expect(Buffer.byteLength(card)).toBeLessThan(24_500);
  expect(card).toMatch(/\.\.\. \(\d+ more\)/);
});

test('nothing from outside can ping anybody in Slack', () => {
  const laid = JSON.stringify(
    layout({ ...newest(breached()), title: HOSTILE, lines: [[HOSTILE]], facts: [{ label: 'x', value: ['<@U0BOB> <!here>'] }] }).blocks,
  );
  expect(laid).not.toMatch(/<!|<@/);
});

test('a rollback rule that is met is told as an issue; the incident that it begins wakes people', () => {
  const names = (log: TestLog) => {
    const story = log.events();
    const told = story.at(-1);
    const view = viewOf(story);
    if (told === undefined || view === null) throw new Error('no story');
    const pages = pagesOf(told, story, view, SITE).map(({ event_action }) => event_action);
    return [...noticesOf({ told, story, view, site: SITE, form: 'chat' }).map(({ name }) => name), ...pages];
  };
  const met = live().add('monitor.rule-met', RULE_MET, { jobId: 'j-watch' });
  expect(names(met)).toEqual(['issue']);
  expect(names(met.add('escalation.started', INCIDENT, { jobId: 'j-ladder' }))).toEqual(['escalation', 'trigger']);
  const warned = breached().add('escalation.started', { ...INCIDENT, kind: 'breach', severity: 'warning' }, { jobId: 'j-ladder' });
  expect(names(warned)).toEqual([]);
});

test('the call for help tells the facts of the event that it began with, in the words of the incident', () => {
  const about = 'the rollback of production from v2.1.0 to v2.0.0 failed: no space left';
  const log = live()
    .add('request.ended', { state: 'failed', why: 'no space left' })
    .add('escalation.started', { ...INCIDENT, kind: 'emergency', about }, { jobId: 'j-ladder' });
  const text = messageText(newest(log), NOON).join('\n');
  expect(text).toContain('Act now: Deploy of v2.1.0 to production failed');
  expect(text).toContain(`What happened: ${about}`);
  expect(text).toContain('Incident: INC-d-0001-1');
});
