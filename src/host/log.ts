// The bot's own log: JSON lines by pino, every string in it redacted.

import { type DestinationStream, pino, stdTimeFunctions } from 'pino';
import { escapeActing } from '../core/acting.ts';
import { BotError } from '../core/error.ts';
import type { Log } from '../core/ports.ts';
import { isSecretName, type Redact } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

type Write = Log[keyof Log];

const HIDDEN = '[redacted]';
const DEEPEST = 8;

/** One JSON object a line: `level` as a word, `time` as ISO text, the facts, `msg`. */
export function createLog(options: { readonly level: LogLevel; readonly redact: Redact; readonly destination: DestinationStream }): Log {
  const { redact } = options;
  const logger = pino(
    { level: options.level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    // JSON leaves some of what drives a terminal as it is.
    { write: (line) => options.destination.write(escapeActing(line)) },
  );
  const write =
    (level: 'info' | 'warn' | 'error'): Write =>
    (facts, sentence) => {
      if (logger.isLevelEnabled(level)) logger[level](redactFacts(facts, redact), redact(sentence));
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

function redactFacts(facts: Readonly<Record<string, unknown>>, redact: Redact): Record<string, unknown> {
  return redactRecord(facts, redact, []);
}

function redactRecord(record: object, redact: Redact, parents: readonly object[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      redact(name),
      isSecretName(name) ? HIDDEN : redactValue(value, redact, [...parents, record]),
    ]),
  );
}

function redactValue(value: unknown, redact: Redact, parents: readonly object[]): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return redact(String(value));
  if (typeof value !== 'object' || value === null) return value;
  if (parents.includes(value)) return '[circular]';
  if (parents.length >= DEEPEST) return '[deeper]';
  if (value instanceof Error) return redactError(value, redact, parents);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return redact(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, redact, [...parents, value]));
  if (value instanceof Map || value instanceof Set) return redactValue([...value], redact, [...parents, value]);
  return redactRecord(value, redact, parents);
}

// The stack starts with name and message; library errors may carry requests with headers, so only what is named here is told.
function redactError(error: Error, redact: Redact, parents: readonly object[]): Record<string, unknown> {
  const known = error instanceof BotError ? { hint: error.hint, tail: error.tail } : {};
  const told = {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...('code' in error ? { code: error.code } : {}),
    ...known,
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  };
  return redactRecord(told, redact, [...parents, error]);
}
