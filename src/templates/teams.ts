// A neutral Message as an Adaptive Card for a Teams webhook. Only text runs carry words from outside: Teams reads no markup in those, and nothing pings.

import type { Json } from '../core/json.ts';
import { isWeb } from './mail.ts';
import type { Fact, Line, Message, Span, Tone } from './message.ts';
import { clean, lineText } from './text.ts';

/** Teams refuses a message above 28 KB. */
const LARGEST = 24_000;
const LONGEST_RUN = 1_000;
const COLORS: Readonly<Record<Tone, string>> = {
  info: 'Default',
  progress: 'Accent',
  waiting: 'Default',
  good: 'Good',
  warn: 'Warning',
  bad: 'Attention',
};

type Block = { readonly [key: string]: Json };

export function teamsCard(message: Message, small: string): Json {
  const head: readonly Block[] = [paragraph([run(message.title, { size: 'Large', weight: 'Bolder', color: COLORS[message.tone] })])];
  const foot: readonly Block[] = [paragraph([run(small, { size: 'Small', isSubtle: true })])];
  const body = [
    ...message.facts.map(factRow),
    ...message.lines.map((line) => paragraph(runs(line))),
    ...message.tail.map((line) => paragraph([run(line, { fontType: 'Monospace', size: 'Small' })])),
  ];
  for (let kept = body.length; ; kept -= 1) {
    const left = body.length - kept;
    const note = left === 0 ? [] : [paragraph([run(`... (${left} more)`, { isSubtle: true })])];
    const card = envelope(message.title, [...head, ...body.slice(0, kept), ...note, ...foot]);
    if (kept === 0 || Buffer.byteLength(JSON.stringify(card)) <= LARGEST) return card;
  }
}

function envelope(title: string, body: readonly Block[]): Json {
  return {
    type: 'message',
    summary: literal(title),
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          fallbackText: literal(title),
          msteams: { width: 'Full' },
          body,
        },
      },
    ],
  };
}

// Columns instead of a FactSet: its values are read as Markdown.
function factRow({ label, value }: Fact): Block {
  return {
    type: 'ColumnSet',
    spacing: 'Small',
    columns: [
      { type: 'Column', width: '150px', items: [paragraph([run(label, { weight: 'Bolder' })])] },
      { type: 'Column', width: 'stretch', items: [paragraph(runs(value))] },
    ],
  };
}

function paragraph(inlines: readonly Block[]): Block {
  return { type: 'RichTextBlock', inlines };
}

function runs(line: Line): readonly Block[] {
  return line.length === 0 ? [run(' ')] : line.map(spanRun);
}

function spanRun(span: Span): Block {
  if (typeof span === 'object' && 'code' in span) return run(span.code, { fontType: 'Monospace' });
  if (typeof span === 'object' && 'strong' in span) return run(span.strong, { weight: 'Bolder' });
  if (typeof span === 'object' && 'link' in span && isWeb(span.link))
    return run(span.label, { selectAction: { type: 'Action.OpenUrl', url: span.link } });
  return run(lineText([span]));
}

function run(text: string, how: Block = {}): Block {
  return { type: 'TextRun', text: literal(text), ...how };
}

/** Not even `{{DATE(...)}}`, which Teams fills in, nor `<at>`, which could name somebody. */
function literal(text: string): string {
  const chars = [...clean(text).toWellFormed()];
  const short = chars.length <= LONGEST_RUN ? chars.join('') : `${chars.slice(0, LONGEST_RUN - 1).join('')}…`;
  return short.replaceAll(/\{(?=\{)/g, '{\u200b').replaceAll(/<(?=\/?at\b)/gi, '<\u200b') || ' ';
}
