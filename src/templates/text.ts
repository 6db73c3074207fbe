// A message as plain text, for a terminal and for reports. Control characters never get through: a log line must not drive somebody's terminal.

import { withoutActing } from '../core/acting.ts';
import { formatDuration, formatUtc, type Instant } from '../core/time.ts';
import type { Line, Message, Span, StepLine, Tone } from './message.ts';

const TONES: Readonly<Record<Tone, string>> = {
  info: '',
  progress: '... ',
  waiting: '(waiting) ',
  good: 'OK ',
  warn: 'WARN ',
  bad: 'FAIL ',
};
const MARKS: Readonly<Record<StepLine['state'], string>> = {
  done: '[x]',
  running: '[>]',
  failed: '[!]',
  waiting: '[.]',
  todo: '[ ]',
  undone: '[-]',
};

export function messageText(message: Message, now: Instant): readonly string[] {
  return [
    `${TONES[message.tone]}${clean(message.title)}`,
    ...message.facts.map(({ label, value }) => `  ${label}: ${lineText(value)}`),
    ...message.steps.map(({ title, state, note }) => `  ${MARKS[state]} ${clean(title)}${note === null ? '' : ` - ${clean(note)}`}`),
    ...progressText(message, now),
    ...message.lines.map((line) => `  ${lineText(line)}`),
    ...message.tail.map((line) => `  | ${clean(line)}`),
  ];
}

export function lineText(line: Line): string {
  return clean(line.map(spanText).join(''));
}

function spanText(span: Span): string {
  if (typeof span === 'string') return span;
  if ('code' in span) return span.code;
  if ('strong' in span) return span.strong;
  if ('person' in span) return span.name ?? span.person;
  if ('group' in span) return `@${span.name}`;
  if ('time' in span) return formatUtc(span.time);
  return span.label === span.link ? span.link : `${span.label} (${span.link})`;
}

function progressText({ progress }: Message, now: Instant): readonly string[] {
  if (progress === null) return [];
  const eta = progress.etaAt === null ? '' : `, about ${formatDuration(Math.max(0, progress.etaAt - now))} left`;
  return [`  ${Math.round(progress.done * 100)} %${eta}`];
}

/** One line without anything that could drive a terminal or make text read backwards. */
export function clean(text: string): string {
  return withoutActing(text, ' ');
}
