// Slack's mrkdwn out of neutral spans: everything escaped, nothing formats or pings by accident, and every cut falls between whole pieces.

import { withoutActing } from '../core/acting.ts';
import { formatUtc } from '../core/time.ts';
import type { Line, Span } from '../templates/message.ts';

/** A finished piece of mrkdwn that must not be cut inside: an entity, a surrogate pair, a code span, a mention. */
type Piece = string;

/** What Slack reads as its own. */
const ESCAPES: Readonly<Record<string, Piece>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const MAX_CODE = 300;
const MAX_STRONG = 600;
const MAX_URL = 1_500;

/** One line as mrkdwn of at most `limit` UTF-16 units; what does not fit is replaced by "…". */
export function renderLine(line: Line, limit: number): string {
  return cut(line.flatMap(pieces), limit);
}

/** Strong where that is safe, else a code span. */
export function strong(text: string): string {
  return strongPiece(text);
}

/** Joins lines to at most `limit` units. Lines that do not fit are counted in a last line "... (N more)". */
export function joinLines(lines: readonly string[], limit: number): string {
  const kept: string[] = [];
  let size = 0;
  for (const [index, line] of lines.entries()) {
    const room = index === lines.length - 1 ? limit : limit - more(lines.length).length - 1;
    if (size + line.length > room) return [...kept, more(lines.length - index)].join('\n');
    kept.push(line);
    size += line.length + 1;
  }
  return kept.join('\n');
}

/** The sentence that stands where something was left out. */
export function more(count: number): string {
  return `... (${count} more)`;
}

/** For plain_text objects, which Slack does not parse: one line, cut, and unable to look like a mention even if it were parsed. */
export function plainText(text: string, limit: number): string {
  const safe = clean(text).replace(/<(?=[!@#])/g, '<\u200b');
  return cut([...safe], limit) || '-';
}

/** The last lines of untrusted output as a code block of at most `limit` units; empty when there is nothing to show. */
export function codeBlock(lines: readonly string[], limit: number): string {
  const room = limit - '```\n\n```'.length - more(lines.length).length - 1;
  const kept: string[] = [];
  let size = 0;
  for (const line of lines.toReversed()) {
    const text = cut([...defuse(stripControls(line))].map(escaped), Math.min(400, room));
    if (size + text.length + 1 > room) break;
    kept.unshift(text);
    size += text.length + 1;
  }
  if (kept.every((line) => line.trim() === '')) return '';
  if (kept.length < lines.length) kept.unshift(more(lines.length - kept.length));
  return `\`\`\`\n${kept.join('\n')}\n\`\`\``;
}

function pieces(span: Span): readonly Piece[] {
  if (typeof span === 'string') return textPieces(span);
  if ('code' in span) return [codeSpan(span.code)];
  if ('strong' in span) return [strongPiece(span.strong)];
  if ('person' in span) return /^[UW][A-Z0-9]{1,20}$/.test(span.person) ? [`<@${span.person}>`] : textPieces(span.name ?? span.person);
  if ('group' in span) return /^S[A-Z0-9]{1,20}$/.test(span.group) ? [`<!subteam^${span.group}>`] : textPieces(span.name);
  if ('time' in span) return [timePiece(span.time)];
  return linkPieces(span.link, span.label);
}

/** What stands between two backticks, as commands do in our own sentences, is code as a whole. */
const QUOTED = /(?<![^ (])`([^`]+)`(?![A-Za-z0-9`])/;

// Words that could format or turn into an emoji become code spans: unlike invisible characters those survive copy and paste.
function textPieces(text: string): readonly Piece[] {
  return clean(text)
    .split(QUOTED)
    .flatMap((part, at) => (at % 2 === 1 ? [codeSpan(part)] : part.split(/( +)/).flatMap(wordPieces)));
}

function wordPieces(word: string): readonly Piece[] {
  return isFormatting(word) ? [codeSpan(word)] : [...word].map(escaped);
}

function isFormatting(word: string): boolean {
  return /`|(^|[^A-Za-z0-9])[*_~]|[*_~]([^A-Za-z0-9]|$)|:[A-Za-z0-9_'+-]+:/.test(word);
}

function strongPiece(text: string): Piece {
  const whole = clean(text);
  const words = whole.trim();
  if (words === '') return '';
  // A space inside the stars would show the stars.
  const [before, after] = [/^ */, / *$/].map((outer) => outer.exec(whole)?.[0] ?? '');
  const piece = words.split(' ').some(isFormatting) ? codeSpan(words) : `*${cut([...words].map(escaped), MAX_STRONG)}*`;
  return `${before}${piece}${after}`;
}

function codeSpan(text: string): Piece {
  const words = clean(text).trim().replaceAll('`', '\u02cb');
  return words === '' ? '' : `\`${cut([...words].map(escaped), MAX_CODE)}\``;
}

function timePiece(at: number): Piece {
  if (!Number.isFinite(at) || at < 0 || at > 253_402_300_799_000) return 'an unknown time';
  return `<!date^${Math.floor(at / 1_000)}^{date_num} {time_secs}|${formatUtc(at)}>`;
}

function linkPieces(link: string, label: string): readonly Piece[] {
  const url = URL.canParse(link) ? new URL(link) : null;
  const address = (url?.href ?? '').replace(/[|<>]/g, encodeURIComponent);
  if (url === null || !/^https?:$/.test(url.protocol) || address.length > MAX_URL) return textPieces(label);
  const shown =
    clean(label)
      .replace(/[|`*_~]/g, ' ')
      .trim() || url.host;
  return [`<${address.replaceAll('&', '&amp;')}|${cut([...shown].map(escaped), 200)}>`];
}

function cut(all: readonly Piece[], limit: number): string {
  const total = all.reduce((sum, piece) => sum + piece.length, 0);
  if (total <= limit) return all.join('');
  let text = '';
  for (const piece of all) {
    if (text.length + piece.length > limit - 1) break;
    text += piece;
  }
  return `${text}…`;
}

function escaped(character: string): Piece {
  return ESCAPES[character] ?? character;
}

/** One line without control characters, direction overrides and lone surrogates. */
function clean(text: string): string {
  return stripControls(text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' '));
}

function stripControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colors are what is taken out, whole
  const uncolored = text.replaceAll('\t', '  ').replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '');
  return withoutActing(uncolored, '');
}

function defuse(text: string): string {
  return text.replace(/`{2,}/g, (run) => [...run].join('\u200b'));
}
