// A neutral Message as an e-mail: subject, plain text, and HTML with inline styles that reads on light and on dark.

import { formatUtc, type Instant } from '../core/time.ts';
import type { Fact, Line, Message, Span, Tone } from './message.ts';
import { clean, lineText, messageText } from './text.ts';

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const LONGEST_SUBJECT = 160;
const MARKS: Readonly<Record<Tone, string>> = { info: '', progress: '', waiting: '', good: 'OK: ', warn: 'Warning: ', bad: 'ALERT: ' };
/** Mid-tones: at least 4.5:1 against white and against #121212. */
const COLORS: Readonly<Record<Tone, string>> = {
  info: '#767676',
  progress: '#3b7dd8',
  waiting: '#767676',
  good: '#2e8540',
  warn: '#a86a00',
  bad: '#d93636',
};

export interface MailAbout {
  readonly service: string;
  readonly environment: string;
  readonly request: string;
  readonly at: Instant;
}

/** Pure and total: whatever stands in the message, no header and no markup comes of it. */
export function mailOf(message: Message, about: MailAbout): Mail {
  const small = `${about.service}, ${about.environment}, request ${about.request}, ${formatUtc(about.at)}. Sent by dhash-ops; answers are not read.`;
  return {
    subject: subject(message, about),
    text: [...messageText(message, about.at), '', '-- ', clean(small), ''].join('\n'),
    html: html(message, small),
  };
}

function subject({ tone, title }: Message, { service, environment }: MailAbout): string {
  const line = clean(`[${service} ${environment}] ${MARKS[tone]}${title}`).toWellFormed().replaceAll(/\s+/g, ' ').trim();
  const chars = [...line];
  return chars.length <= LONGEST_SUBJECT ? line : `${chars.slice(0, LONGEST_SUBJECT - 1).join('')}…`;
}

// No colors for text and ground: each reader's own stay, so dark mode needs no guess. Only what carries meaning is colored.
function html(message: Message, small: string): string {
  const { tone, title, facts, lines, steps, tail } = message;
  const parts = [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">',
    '<meta name="supported-color-schemes" content="light dark"><meta name="viewport" content="width=device-width">',
    `<title>${escaped(title)}</title></head>`,
    '<body style="margin:0;padding:16px;font:15px/1.5 -apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif">',
    `<div style="max-width:640px;border-left:4px solid ${COLORS[tone]};padding:0 0 0 16px">`,
    `<h1 style="font-size:19px;line-height:1.3;margin:0 0 12px">${escaped(title)}</h1>`,
    facts.length === 0 ? '' : `<table role="presentation" style="border-collapse:collapse">${facts.map(row).join('')}</table>`,
    ...lines.map((line) => `<p style="margin:8px 0">${lineHtml(line)}</p>`),
    steps.length === 0
      ? ''
      : `<ol style="margin:8px 0;padding-left:24px">${steps.map(({ title: step, state }) => `<li>${escaped(step)}: ${state}</li>`).join('')}</ol>`,
    tail.length === 0
      ? ''
      : `<pre style="margin:8px 0;white-space:pre-wrap;font:13px/1.4 ui-monospace,Menlo,Consolas,monospace">${tail.map(escaped).join('\n')}</pre>`,
    `<p style="margin:16px 0 0;font-size:12px;opacity:.75">${escaped(small)}</p>`,
    '</div></body></html>',
  ];
  return `${parts.filter((part) => part !== '').join('\n')}\n`;
}

function row({ label, value }: Fact): string {
  const cell = 'padding:3px 0;vertical-align:top;text-align:left';
  return `<tr><th scope="row" style="${cell};padding-right:16px;font-weight:600;white-space:nowrap">${escaped(label)}</th><td style="${cell}">${lineHtml(value)}</td></tr>`;
}

function lineHtml(line: Line): string {
  return line.map(spanHtml).join('');
}

function spanHtml(span: Span): string {
  if (typeof span === 'object' && 'code' in span)
    return `<code style="font-family:ui-monospace,Menlo,Consolas,monospace">${escaped(span.code)}</code>`;
  if (typeof span === 'object' && 'strong' in span) return `<strong>${escaped(span.strong)}</strong>`;
  if (typeof span === 'object' && 'link' in span && isWeb(span.link)) return `<a href="${escaped(span.link)}">${escaped(span.label)}</a>`;
  return escaped(lineText([span]));
}

export function isWeb(link: string): boolean {
  const url = URL.parse(link);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
}

function escaped(text: string): string {
  return clean(text)
    .toWellFormed()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
