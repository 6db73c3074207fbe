// A neutral Message as Block Kit and as the plain text that stands in for it. The only place that decorates by tone.

import type { types } from '@slack/bolt';
import type { Fact, Line, Message, StepLine, Tone } from '../templates/message.ts';
import { layoutButtons, typedInstead } from './buttons.ts';
import { codeBlock, joinLines, more, plainText, renderLine, strong } from './mrkdwn.ts';

export interface Laid {
  /** At most 4,000 units: what notifications, screen readers and a refused layout show. */
  readonly text: string;
  /** At most 50 blocks, each within Slack's limits. */
  readonly blocks: types.KnownBlock[];
}

const MARK: Readonly<Record<Tone, string>> = { info: 'ℹ️', progress: '⏳', waiting: '✋', good: '✅', warn: '⚠️', bad: '🛑' };
const STEP_MARK: Readonly<Record<StepLine['state'], string>> = {
  done: '✅',
  running: '▶️',
  failed: '❌',
  waiting: '⏸️',
  todo: '▫️',
  undone: '↩️',
};

const FIELDS = 10;
const FIELD = 500;
const SECTION = 2_900;
const LINE_SECTIONS = 3;
const FALLBACK = 3_900;

/** Total: whatever the message holds, the answer keeps Slack's limits. */
export function layout(message: Message): Laid {
  const buttons = layoutButtons(message);
  const left: Line[] = buttons.dropped.map((action) => [`${action.label}: `, { code: typedInstead(action) }]);
  const blocks: types.KnownBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: plainText(titleOf(message), 150), emoji: true } },
    ...factFields(message.facts.slice(0, FIELDS)),
    ...lineSections([...message.facts.slice(FIELDS).map(factLine), ...message.lines, ...left]),
    ...stepSections(message),
    ...section(codeBlock(message.tail, SECTION)),
    ...buttons.blocks,
    ...footer(message.footer),
  ];
  return { text: fallback(message), blocks };
}

/** The message without blocks, for when Slack refuses them: it also says what to type instead of each button. */
export function layoutPlain(message: Message): string {
  const typed: Line[] = message.actions.map((action) => [`${action.label}: `, { code: typedInstead(action) }]);
  return fallback({ ...message, lines: [...message.lines, ...typed] });
}

function titleOf(message: Message): string {
  return `${MARK[message.tone]} ${message.title.trim() === '' ? '-' : message.title}`;
}

function factFields(facts: readonly Fact[]): types.KnownBlock[] {
  const fields = facts.map((fact) => mrkdwn(`${strong(fact.label.slice(0, 80)) || '-'}\n${renderLine(fact.value, FIELD) || '-'}`));
  return fields.length === 0 ? [] : [{ type: 'section', fields }];
}

function factLine(fact: Fact): Line {
  return [{ strong: fact.label.slice(0, 80) }, ' ', ...fact.value];
}

function lineSections(lines: readonly Line[]): types.KnownBlock[] {
  const rendered = lines.map((line) => renderLine(line, SECTION));
  const chunks: string[][] = [[]];
  for (const [index, line] of rendered.entries()) {
    const chunk = chunks.at(-1) ?? [];
    if (chunk.join('\n').length + line.length + 1 <= SECTION - more(rendered.length).length - 1 || chunk.length === 0) chunk.push(line);
    else if (chunks.length < LINE_SECTIONS) chunks.push([line]);
    else {
      chunk.push(more(rendered.length - index));
      break;
    }
  }
  return chunks.flatMap((chunk) => section(chunk.join('\n')));
}

function stepSections(message: Message): types.KnownBlock[] {
  const bar = progressLine(message);
  const steps = message.steps.map(stepLine);
  const blocks = [...section(joinLines(steps, SECTION)), ...section(bar ?? '')];
  return blocks.length === 0 ? [] : [{ type: 'divider' }, ...blocks];
}

function stepLine(step: StepLine): string {
  const note: Line = step.note === null ? [] : [' — ', step.note];
  return `${STEP_MARK[step.state]} ${renderLine([step.title, ...note], 300)}`;
}

function progressLine(message: Message): string | null {
  if (message.progress === null) return null;
  const { done, etaAt } = message.progress;
  const share = Number.isFinite(done) ? Math.min(1, Math.max(0, done)) : 0;
  const full = Math.round(share * 10);
  const counted = message.steps.filter((step) => step.state === 'done').length;
  const words = message.steps.length > 0 ? `${counted} of ${message.steps.length}` : `${Math.round(share * 100)} %`;
  const eta = etaAt === null ? '' : renderLine([', ends about ', { time: etaAt }], 200);
  return `${'█'.repeat(full)}${'░'.repeat(10 - full)} ${words}${eta}`;
}

function footer(line: Line): types.KnownBlock[] {
  const text = renderLine(line, 1_000);
  return text.trim() === '' ? [] : [{ type: 'context', elements: [mrkdwn(text)] }];
}

function section(text: string): types.KnownBlock[] {
  return text.trim() === '' ? [] : [{ type: 'section', text: mrkdwn(text) }];
}

// verbatim: Slack must not turn bare words into links or mentions on its own.
function mrkdwn(text: string): types.MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true };
}

function fallback(message: Message): string {
  const bar = progressLine(message);
  const head = [
    renderLine([titleOf(message)], 300),
    ...message.facts.map((fact) => renderLine([`${fact.label.slice(0, 80)}: `, ...fact.value], 400)),
    ...message.lines.map((line) => renderLine(line, 1_000)),
    ...message.steps.map(stepLine),
    ...(bar === null ? [] : [bar]),
  ];
  const tail = codeBlock(message.tail, 800);
  const end = [...(tail === '' ? [] : [tail]), renderLine(message.footer, 300)].filter((line) => line !== '').join('\n');
  const text = joinLines(head, end === '' ? FALLBACK : FALLBACK - end.length - 1);
  return end === '' ? text : `${text}\n${end}`;
}
