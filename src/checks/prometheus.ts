// The Prometheus text format, read tolerantly where tools differ (timestamps, exemplars, blank lines) and strictly where a guess would be a lie.

export interface Metric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type Metrics =
  /** `declared` also has the names that stand in a TYPE line and have no value yet. */
  | { readonly kind: 'parsed'; readonly metrics: readonly Metric[]; readonly declared: ReadonlySet<string> }
  | { readonly kind: 'broken'; readonly why: string };

export const METRICS_MAX_BYTES = 1024 * 1024;

// The file comes from outside: in no pattern may two repetitions take the same letters, or a hostile line would hold up the bot.
const LINE = /^([A-Za-z_:][A-Za-z0-9_:]*)[ \t]*(.*)$/;
const LABEL = /[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|\})/y;
const VALUE = /^[ \t]*([+-]?(?:inf|nan|(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?))(?:[ \t]+[+-]?[\d.]+)?[ \t]*(?:#.*)?$/i;

export function parseMetrics(text: string): Metrics {
  if (text.length > METRICS_MAX_BYTES) return { kind: 'broken', why: `more than ${METRICS_MAX_BYTES} bytes` };
  if (/^\s*<(?:!doctype|html|\?xml|head|body)/i.test(text)) return { kind: 'broken', why: 'a web page, not metrics' };
  const metrics: Metric[] = [];
  const declared = new Set<string>();
  const seen = new Set<string>();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.trim();
    if (line === '') continue;
    if (line.startsWith('#')) {
      const name = /^#[ \t]*TYPE[ \t]+(\S+)/.exec(line)?.[1];
      if (name !== undefined) declared.add(name);
      continue;
    }
    const metric = parseLine(line);
    if (metric === null) return { kind: 'broken', why: `line ${index + 1} is not a metric` };
    const key = identity(metric);
    if (seen.has(key)) return { kind: 'broken', why: `line ${index + 1} repeats ${metric.name}` };
    seen.add(key);
    declared.add(metric.name);
    metrics.push(metric);
  }
  return { kind: 'parsed', metrics, declared };
}

function parseLine(line: string): Metric | null {
  const [, name, afterName] = LINE.exec(line) ?? [];
  if (name === undefined || afterName === undefined) return null;
  const read = afterName.startsWith('{') ? parseLabels(afterName) : { labels: {}, rest: afterName };
  const value = read === null ? undefined : VALUE.exec(read.rest)?.[1];
  return read === null || value === undefined ? null : { name, labels: read.labels, value: numberOf(value) };
}

function parseLabels(text: string): { readonly labels: Record<string, string>; readonly rest: string } | null {
  const labels = new Map<string, string>();
  const answer = (end: number) => ({ labels: Object.fromEntries(labels), rest: text.slice(end) });
  for (let from = 1; ; ) {
    const close = /[ \t]*\}/y;
    close.lastIndex = from;
    if (close.test(text)) return answer(close.lastIndex);
    LABEL.lastIndex = from;
    const [, name, value, end] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined || labels.has(name)) return null;
    labels.set(name, unescaped(value));
    from = LABEL.lastIndex;
    if (end === '}') return answer(from);
  }
}

function unescaped(value: string): string {
  return value.replaceAll(/\\(.)/g, (whole, letter: string) =>
    letter === 'n' ? '\n' : letter === '\\' || letter === '"' ? letter : whole,
  );
}

function numberOf(text: string): number {
  const word = text.toLowerCase();
  if (word.endsWith('inf')) return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(word.endsWith('nan') ? 'NaN' : word);
}

function identity({ name, labels }: Metric): string {
  return JSON.stringify([name, Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1))]);
}
