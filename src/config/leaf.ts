// The single values of dhash.yml: each says by itself what is wrong with it and what to write instead.

import { z } from 'zod';
import type { Argv } from '../core/config.ts';
import { type DurationMs, parseDuration } from '../core/time.ts';
import { looksSecret } from './secrets.ts';

interface LeafFacts<T> {
  /** Answers undefined for what it does not take. */
  readonly read: (value: unknown) => T | undefined;
  /** "a port": what it should have been. */
  readonly what: string;
  /** "1 to 65535": what to write. */
  readonly write: string;
}

export function leaf<T>({ read, what, write }: LeafFacts<T>) {
  return z.unknown().transform((value, context): T => {
    const found = read(value);
    if (found !== undefined) return found;
    context.addIssue({
      code: 'custom',
      message: value === undefined ? `is missing, write ${write}` : `not ${what} (got ${shown(value)}), write ${write}`,
    });
    return z.NEVER;
  });
}

/** The value as its writer would recognize it; never one that may be a secret. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  if (looksSecret(text)) return 'something that looks like a secret';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

const SPANS = '30s, 30m, 2h or 7d';

/** Milliseconds. A bare number has no unit, so it is none. */
export const duration = (limits: { readonly min: DurationMs; readonly say: string } = { min: 0, say: '' }) =>
  leaf({
    read: (value) => {
      const ms = typeof value === 'string' ? parseDuration(value.trim().replaceAll(' ', '')) : null;
      return ms === null || ms < limits.min ? undefined : ms;
    },
    what: `a duration with its unit${limits.say}`,
    write: SPANS,
  });

/** A length of time that cannot be nothing. */
export const span = (min: DurationMs = 1) => duration({ min, say: min > 1 ? ` of at least ${min}ms` : ' above 0' });

export const text = (what: string, write: string, form: RegExp = /\S/) =>
  leaf({ read: (value) => (typeof value === 'string' && form.test(value) ? value : undefined), what, write });

export const whole = (min: number, max: number, what: string) =>
  leaf({ read: (value) => (isWithin(value, min, max) && Number.isInteger(value) ? value : undefined), what, write: `${min} to ${max}` });

export const decimal = (min: number, max: number, what: string) =>
  leaf({ read: (value) => (isWithin(value, min, max) ? value : undefined), what, write: `${min} to ${max}` });

export const percent = () => decimal(0, 100, 'a percentage');

export const port = () => whole(1, 65_535, 'a port');

export const flag = () =>
  leaf({ read: (value) => (typeof value === 'boolean' ? value : undefined), what: 'a yes or no', write: 'true or false' });

export const choice = <const T extends string>(words: readonly T[]) =>
  leaf<T>({ read: (value) => words.find((word) => word === value), what: 'one of the known words', write: words.join(', ') });

/** A command as its words; a shell string would be guessed at, so it is refused. */
export const argv = (write = '[npm, run, build] (quote numbers: "8080")') =>
  leaf<Argv>({
    read: (value) => {
      if (!Array.isArray(value) || !value.every((word) => typeof word === 'string')) return undefined;
      const [program, ...rest] = value;
      return program === undefined || program.trim() === '' ? undefined : [program, ...rest];
    },
    what: 'a command as a list of words',
    write,
  });

export const httpUrl = () =>
  leaf({
    read: (value) => (typeof value === 'string' && isHttp(value) ? value : undefined),
    what: 'a web address without user and password',
    write: '"http://127.0.0.1:8080/path"',
  });

export const urlPath = () => text('a path of the service', '/health', /^\/(?!\/)\S*$/);

function isWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && value >= min && value <= max;
}

function isHttp(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '';
}
