// Slack's text as its own client would show it, in the words that local-slack's page understands.

type Json = unknown;

/** The same value with every string inside `text` fields (and a message's own text) made readable. */
export function translate<T extends Readonly<Record<string, Json>>>(args: T): T {
  // The shape stays: only strings under a `text` key change.
  return walk(args) as T;
}

function walk(value: Json): Json {
  if (Array.isArray(value)) return value.map(walk);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === 'text' && typeof inner === 'string' ? readable(inner) : walk(inner)]),
  );
}

/** `<!date^1^..|text>` -> text, `<!here>` -> @here, code blocks -> one code span a line, entities -> their characters. */
export function readable(text: string): string {
  return text
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<!subteam\^([A-Z0-9]+)(?:\|([^>]*))?>/g, (_, id: string, label?: string) => label ?? `@${id}`)
    .replace(/<!(here|channel|everyone)(?:\|[^>]*)?>/g, '@$1')
    .replace(/```\n?([\s\S]*?)\n?```/g, (_, code: string) => code.split('\n').map(codeLine).join('\n'))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function codeLine(line: string): string {
  return line.trim() === '' ? '' : `\`${line}\``;
}
