import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layout, layoutPlain } from '../../src/slack/layout.ts';
import { type Action, type Message, message, type Span } from '../../src/templates/message.ts';
import { blockErrors, markupErrors } from '../support/slack/limits.ts';

const hostile = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 4_000, size: 'max' }) },
  fc.constantFrom(
    '<!channel>',
    '<!here> & <@U1>',
    '<!subteam^S1>',
    '@everyone',
    '&amp;lt;!channel&gt;',
    '```<!channel>```',
    '*b* _i_ ~s~ `c`',
    ':white_check_mark: done',
    '\ud83d',
    '\udc4d half',
    'a\u202eb\u0000c\u001b[31mred',
    '> quote\n- list\r\nnext',
    '&'.repeat(5_000),
    '😀'.repeat(3_000),
    '`'.repeat(4_000),
  ),
);
const span: fc.Arbitrary<Span> = fc.oneof(
  hostile,
  fc.record({ code: hostile }),
  fc.record({ strong: hostile }),
  fc.record({ person: fc.oneof(hostile, fc.constant('U0ALICE')), name: hostile }),
  fc.record({ group: fc.oneof(hostile, fc.constant('S0OPS')), name: hostile }),
  fc.record({ time: fc.oneof(fc.integer(), fc.double()) }),
  fc.record({ link: fc.oneof(hostile, fc.webUrl(), fc.constant('javascript:alert(1)')), label: hostile }),
);
const line = fc.array(span, { maxLength: 6 });
const action: fc.Arbitrary<Action> = fc.record({
  label: hostile,
  verb: fc.constantFrom('approve', 'reject', 'rollback', 'ack', 'cancel'),
  value: fc.record({ request: hostile, expect: fc.option(hostile), environment: hostile, flags: fc.array(hostile, { maxLength: 3 }) }),
  style: fc.constantFrom('primary', 'danger', 'plain'),
  confirm: fc.option(fc.record({ title: hostile, text: hostile, yes: hostile, no: hostile })),
});
const anyMessage: fc.Arbitrary<Message> = fc.record({
  tone: fc.constantFrom('info', 'progress', 'waiting', 'good', 'warn', 'bad'),
  title: hostile,
  facts: fc.array(fc.record({ label: hostile, value: line }), { maxLength: 30 }),
  lines: fc.array(line, { maxLength: 40 }),
  steps: fc.array(
    fc.record({
      title: hostile,
      state: fc.constantFrom('done', 'running', 'failed', 'waiting', 'todo', 'undone'),
      note: fc.option(hostile),
    }),
    { maxLength: 40 },
  ),
  progress: fc.option(fc.record({ done: fc.double(), etaAt: fc.option(fc.integer()) })),
  tail: fc.array(hostile, { maxLength: 80 }),
  actions: fc.array(action, { maxLength: 30 }),
  footer: line,
});

describe('the layout of any message', () => {
  it('keeps every limit of Slack, whatever the message holds', () => {
    fc.assert(
      fc.property(anyMessage, (content) => {
        const { text, blocks } = layout(content);
        expect(blockErrors(blocks)).toEqual([]);
        expect(text.length).toBeLessThanOrEqual(4_000);
        expect(layoutPlain(content).length).toBeLessThanOrEqual(4_000);
        expect([...markupErrors(text), ...markupErrors(layoutPlain(content))]).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('mentions nobody that was not named as a person or group', () => {
    const words = hostile.filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(words, words, (title, text) => {
        const content = message('info', title, { lines: [[text, { code: text }, { strong: text }]], tail: [text], footer: [text] });
        const shown = JSON.stringify([layout(content), layoutPlain(content)]);
        expect(shown).not.toMatch(/<[@!#]/);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what people see', () => {
  it('shows facts, steps, progress, output and buttons with their exact labels', () => {
    const content = message('progress', 'Deploying v2.1.0 to production', {
      facts: [{ label: 'Asked by', value: [{ person: 'U0ALICE' }] }],
      steps: [
        { title: 'Back up', state: 'done', note: '12 MB' },
        { title: 'Switch', state: 'running', note: null },
      ],
      progress: { done: 0.7, etaAt: Date.UTC(2026, 10, 23, 12) },
      tail: ['npm warn `x`', 'done'],
      actions: [
        {
          label: 'Cancel',
          verb: 'cancel',
          value: { request: 'd-1', expect: null, environment: 'production' },
          style: 'danger',
          confirm: { title: 'Cancel?', text: 'v2.0.0 stays live', yes: 'Cancel it', no: 'Keep going' },
        },
      ],
      footer: ['Next: ', { code: '/dhash status' }],
    });
    expect(layout(content).blocks).toEqual([
      { type: 'header', text: { type: 'plain_text', text: '⏳ Deploying v2.1.0 to production', emoji: true } },
      { type: 'section', fields: [{ type: 'mrkdwn', text: '*Asked by*\n<@U0ALICE>', verbatim: true }] },
      { type: 'divider' },
      { type: 'section', text: { type: 'mrkdwn', text: '✅ Back up — 12 MB\n▶️ Switch', verbatim: true } },
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: '███████░░░ 1 of 2, ends about <!date^1795435200^{date_num} {time_secs}|2026-11-23T12:00:00Z>',
          verbatim: true,
        },
      },
      { type: 'section', text: { type: 'mrkdwn', text: '```\nnpm warn `x`\ndone\n```', verbatim: true } },
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            action_id: 'dhash:cancel:0',
            text: { type: 'plain_text', text: 'Cancel', emoji: false },
            value: '{"request":"d-1","expect":null,"environment":"production"}',
            style: 'danger',
            confirm: {
              title: { type: 'plain_text', text: 'Cancel?' },
              text: { type: 'plain_text', text: 'v2.0.0 stays live' },
              confirm: { type: 'plain_text', text: 'Cancel it' },
              deny: { type: 'plain_text', text: 'Keep going' },
              style: 'danger',
            },
          },
        ],
      },
      { type: 'context', elements: [{ type: 'mrkdwn', text: 'Next: `/dhash status`', verbatim: true }] },
    ]);
    expect(layoutPlain(content)).toContain('Cancel: `/dhash cancel d-1`');
  });

  it.each([
    ['a & b < c > d', 'a &amp; b &lt; c &gt; d'],
    ['deploy *evil* tag', 'deploy `*evil*` tag'],
    ['snake_case_name stays', 'snake_case_name stays'],
    [':tada: v1', '`:tada:` v1'],
    ['run `rm -rf`', 'run `rm -rf`'],
    ['two\nlines', 'two lines'],
    ['\u001b[31mred\u001b[0m', 'red'],
  ])('writes %j as %j', (given, shown) => {
    expect(layout(message('info', 't', { lines: [[given]] })).blocks[1]).toEqual({
      type: 'section',
      text: { type: 'mrkdwn', text: shown, verbatim: true },
    });
  });

  it('keeps the newest lines of long output and says how many are missing', () => {
    const tail = Array.from({ length: 500 }, (_, index) => `line ${index} ${'x'.repeat(50)}`);
    const text = JSON.stringify(layout(message('bad', 't', { tail })).blocks);
    expect(text).toContain('line 499');
    expect(text).toMatch(/\.\.\. \(\d+ more\)/);
  });

  it('cannot be talked out of the code block by output that holds a fence', () => {
    const text = JSON.stringify(layout(message('bad', 't', { tail: ['```', 'free <!channel>'] })).blocks);
    expect(text.match(/```/g)).toHaveLength(2);
  });

  it('says what to type where a button does not fit', () => {
    const value = { request: 'd-1', expect: 'x'.repeat(2_100), environment: 'production' };
    const content = message('info', 't', { actions: [{ label: 'Approve', verb: 'approve', value, style: 'primary', confirm: null }] });
    expect(JSON.stringify(layout(content).blocks)).toContain('Approve: `/dhash approve d-1`');
  });
});

it('a space at the edge of strong words stands outside of the stars, inside it would show them', () => {
  const { blocks } = layout(message('info', 'x', { lines: [[{ strong: 'What failed: ' }, 'the disk', { strong: ' and more' }]] }));
  expect(JSON.stringify(blocks)).toContain('*What failed:* the disk *and more*');
});

it.each([
  ['`npm ci --omit=dev` ended with exit code 1 (`ls *`)', '`npm ci --omit=dev` ended with exit code 1 (`ls *`)'],
  ['` ` and `<!channel>` end', ' and `&lt;!channel&gt;` end'],
  ['half of `a pair', 'half of `\u02cba` pair'],
  ['in`side`words', '`in\u02cbside\u02cbwords`'],
])('a command that our own words quote is code as a whole: %s', (text, expected) => {
  const [block] = layout(message('info', 'x', { lines: [[text]] })).blocks.slice(1);
  expect(JSON.stringify(block)).toContain(JSON.stringify(expected).slice(1, -1));
});
