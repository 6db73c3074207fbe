// The App Home: every environment at a glance, the gravest first.

import type { EnvironmentStatus } from '../core/wish.ts';
import type { Message, Tone } from './message.ts';
import { glanceMessage } from './status.ts';

const GRAVEST: readonly Tone[] = ['bad', 'warn', 'progress', 'waiting', 'good', 'info'];

export function homeMessages(found: readonly EnvironmentStatus[]): readonly Message[] {
  return found.map(glanceMessage).toSorted((one, other) => GRAVEST.indexOf(one.tone) - GRAVEST.indexOf(other.tone));
}

/** The same facts without what changes with every second. */
export function newsIn(found: readonly EnvironmentStatus[]): string {
  return JSON.stringify(
    found.map((status) => ({ ...status, at: 0, openJobs: [], work: status.work.map((one) => ({ ...one, etaAt: 0 })) })),
  );
}
