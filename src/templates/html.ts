// Pieces of HTML. Whatever comes from outside goes through `esc`: it is text, never markup.

import { clean } from './text.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Safe as text and inside a quoted attribute. */
export function esc(text: string): string {
  return clean(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}

/** A block of output: its lines stay lines. */
export function escLines(lines: readonly string[]): string {
  return lines.map(esc).join('\n');
}

export interface Column {
  readonly head: string;
  /** Numbers and times stand under each other. */
  readonly numeric?: boolean;
}

/** Cells are HTML already. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const align = (index: number) => (columns[index]?.numeric === true ? ' class="num"' : '');
  const head = columns.map(({ head: words }, index) => `<th scope="col"${align(index)}>${esc(words)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell, index) => `<td${align(index)}>${cell}</td>`).join('')}</tr>`).join('\n');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

export function section(title: string, html: string): string {
  return html === '' ? '' : `<section><h2>${esc(title)}</h2>\n${html}\n</section>`;
}

export type Mark = 'good' | 'bad' | 'warn' | 'plain';

export function badge(text: string, mark: Mark): string {
  return `<span class="badge ${mark}">${esc(text)}</span>`;
}

/** A whole page: nothing is fetched, nothing runs, and it says so itself for when it is opened from a disk. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${esc(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { --page: #f6f8fa; --card: #ffffff; --text: #1d2733; --soft: #52606e; --line: #d8dee6; --link: #1a56b0;
  --good: #1c6b34; --bad: #b3261e; --warn: #8a5300; --code: #eef1f5; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --card: #161b22; --text: #e6edf3; --soft: #a5b1bd; --line: #303842;
  --link: #79b8ff; --good: #6fd58b; --bad: #ff8a80; --warn: #f2b84b; --code: #20272f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 8px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 0 0 12px; }
section, header { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 18px 20px; margin: 0 0 16px; }
p { margin: 0 0 8px; } .soft { color: var(--soft); }
a { color: var(--link); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; color: var(--soft); }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th { white-space: nowrap; } td:first-child { overflow-wrap: break-word; }
.num { font-variant-numeric: tabular-nums; white-space: nowrap; }
code, pre { font: 13px/1.45 "DejaVu Sans Mono", ui-monospace, monospace; background: var(--code); border-radius: 4px; }
code { padding: 1px 5px; overflow-wrap: anywhere; } pre { padding: 12px; overflow-x: auto; margin: 0 0 12px; }
.badge { display: inline-block; white-space: nowrap; font-weight: 600; border: 1px solid currentColor; border-radius: 10px; padding: 0 9px; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .plain { color: var(--soft); }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 16px; }
.numbers b { display: block; font-size: 26px; line-height: 1.3; }
figure { margin: 0 0 16px; } figure svg { max-width: 100%; height: auto; display: block; border: 1px solid var(--line); border-radius: 6px; }
figcaption { color: var(--soft); margin-top: 6px; }
.for-dark { display: none; }
@media (prefers-color-scheme: dark) { .for-light { display: none; } .for-dark { display: block; } }
@media print { :root { --page: #ffffff; --card: #ffffff; --text: #000000; --soft: #333333; --line: #999999; --code: #f2f2f2;
  --good: #1c6b34; --bad: #b3261e; --warn: #8a5300; --link: #000000; }
  .for-dark { display: none; } .for-light { display: block; } section, header { break-inside: avoid; border-color: #999999; } }
`;
