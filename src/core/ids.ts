import type { RequestKind } from './request.ts';

/** Ids come from outside, so that tests can name them. */
export interface Ids {
  /** A short id with a readable prefix: `d-7k3f9x`. */
  readonly next: (prefix: string) => string;
}

/** The letter in front of a request's id tells what it is. */
export const REQUEST_PREFIX: Readonly<Record<RequestKind, string>> = {
  deploy: 'd',
  rollback: 'r',
  backup: 'b',
  smoke: 's',
  monitor: 'm',
};
