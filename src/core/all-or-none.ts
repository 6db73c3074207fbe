// Work side by side of which no part is worth anything without the others.

import { BotError } from './error.ts';

/**
 * The first failure stops the rest, and nothing runs on when this settles. What is thrown is the failure that stopped them, not what the stopped
 * say of it (`media-canceled`), and of several the one that stands first.
 */
export async function allOrNone<T extends readonly unknown[]>(
  signal: AbortSignal,
  start: (signal: AbortSignal) => { readonly [Index in keyof T]: Promise<T[Index]> },
): Promise<T> {
  const stopping = new AbortController();
  const parts = start(AbortSignal.any([signal, stopping.signal]));
  for (const part of parts) part.catch(() => stopping.abort());
  const settled = await Promise.allSettled(parts);
  const failures = settled.flatMap((part) => (part.status === 'rejected' ? [part.reason] : []));
  if (failures.length > 0) throw failures.find((failure) => !isCanceled(failure)) ?? failures[0];
  return (await Promise.all(parts)) as T;
}

function isCanceled(failure: unknown): boolean {
  return failure instanceof BotError && failure.code === 'media-canceled';
}
