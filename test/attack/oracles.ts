// What must not be seen on a surface, whatever was put in. Each answers what it found; nothing found is an empty list.

import type { Json } from '../../src/core/json.ts';

/** Ids that the configuration names: these may be mentioned where the bot means to, and only these. */
const MENTIONS = /<@U0(?:LEAD|OPS|BOB|CAROL)>|<!date\^\d+\^\{date_num\} \{time_secs\}\|[^<>|]*>|<https?:\/\/[^\s<>|]+\|[^<>|]*>/g;
const LOUD = /<!(?:channel|here|everyone|subteam)|<@|<#/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const DRIVING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u;

/** A mrkdwn text: no mention, link or markup but the bot's own, fences in pairs, no control character. */
export function inMrkdwn(text: string): readonly string[] {
  const rest = text.replaceAll(MENTIONS, '');
  return [
    ...(/[<>]/.test(rest) ? [`markup of its own: ${near(rest, /[<>]/)}`] : []),
    ...(/&(?!amp;|lt;|gt;)/.test(rest) ? [`a bare ampersand: ${near(rest, /&(?!amp;|lt;|gt;)/)}`] : []),
    ...((text.match(/```/g) ?? []).length % 2 === 0 ? [] : ['a fence without its end']),
    ...driving(text),
  ];
}

/** A plain_text object: Slack does not parse it, and it could not ping if it did. */
export function inPlainText(text: string): readonly string[] {
  return [...(LOUD.test(text) ? [`a mention: ${near(text, LOUD)}`] : []), ...driving(text)];
}

/** Everything in blocks, by the kind of its text. */
export function inBlocks(blocks: unknown): readonly string[] {
  if (Array.isArray(blocks)) return blocks.flatMap(inBlocks);
  if (typeof blocks !== 'object' || blocks === null) return [];
  const text: unknown = Reflect.get(blocks, 'text');
  if (typeof text === 'string') return Reflect.get(blocks, 'type') === 'mrkdwn' ? inMrkdwn(text) : inPlainText(text);
  return Object.values(blocks).flatMap(inBlocks);
}

/** What goes to a terminal: lines, and nothing that drives it. */
export function inTerminal(text: string): readonly string[] {
  return driving(text);
}

const TAGS = new Set(
  'html head meta link title style body main header section h1 h2 p span div dl dt dd table thead tbody tr th td code pre a ol li strong figure figcaption svg details summary time b'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set('lang charset http-equiv content name rel href class scope id role aria-label datetime style'.split(' '));

/** A page: only our own elements and attributes, links to the web or to its siblings, no script and nothing that fetches. */
export function inHtml(html: string): readonly string[] {
  const found: string[] = [];
  const rest = html
    .replace('<!doctype html>', '')
    .replaceAll(/<\/?([a-z][a-z0-9]*)((?: [a-z-]+="[^"<>]*")*)>/g, (_whole, tag: string, attributes: string) => {
      if (!TAGS.has(tag)) found.push(`an element of its own: ${tag}`);
      for (const [, name = '', value = ''] of attributes.matchAll(/ ([a-z-]+)="([^"]*)"/g)) {
        if (!ATTRIBUTES.has(name)) found.push(`an attribute of its own: ${name}`);
        if (name === 'href' && !/^(?:https?:\/\/|\.\/$|data:,$|[\w-]+\.(?:html|json|md)$)/.test(value))
          found.push(`a link of its own: ${value}`);
      }
      return '';
    });
  if (/[<>]/.test(rest.replace(/ > /g, ''))) found.push(`broken markup: ${near(rest, /[<>]/)}`);
  return [...found, ...driving(html)];
}

/** A Teams card: text runs alone carry words, and nothing in them is filled in or names anybody. */
export function inTeams(card: Json): readonly string[] {
  const json = JSON.stringify(card);
  return [
    ...(/"type":"(?!message|AdaptiveCard|RichTextBlock|TextRun|ColumnSet|Column|Action\.OpenUrl)/.test(json)
      ? ['an element of its own']
      : []),
    ...(/\{\{|<\/?at\b|"entities"/i.test(json) ? [`a macro or a mention: ${near(json, /\{\{|<\/?at\b/i)}`] : []),
    ...texts(card).flatMap(driving),
  ];
}

export function inMail(mail: { readonly subject: string; readonly text: string; readonly html: string }): readonly string[] {
  return [
    ...(/[\r\n]/.test(mail.subject) ? ['a header of its own'] : []),
    ...driving(mail.subject),
    ...driving(mail.text),
    ...inHtml(mail.html),
  ];
}

/** Markdown: one heading of ours a line, no element and no link from outside. */
export function inMarkdown(text: string): readonly string[] {
  const prose = text.replaceAll(/^ {4}.*$/gm, '');
  return [...(/(?<!\\)[<[]/.test(prose) ? [`markup of its own: ${near(prose, /(?<!\\)[<[]/)}`] : []), ...driving(text)];
}

function driving(text: string): readonly string[] {
  const found = DRIVING.exec(text);
  if (found !== null) return [`a character that drives (U+${found[0].codePointAt(0)?.toString(16)}): ${near(text, DRIVING)}`];
  return text.isWellFormed() ? [] : ['half a character'];
}

function texts(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((each) => texts(each ?? null));
}

function near(text: string, pattern: RegExp): string {
  const at = text.search(pattern);
  return JSON.stringify(text.slice(Math.max(0, at - 30), at + 40));
}
