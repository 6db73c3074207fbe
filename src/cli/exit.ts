// What a shell learns from the exit code.

import { hinders } from '../core/check.ts';
import type { StoredEvent } from '../core/event.ts';
import type { Reason } from '../core/refusal.ts';
import type { RequestState } from '../core/request.ts';
import type { Reply } from '../core/wish.ts';

export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const USAGE_REASONS: readonly Reason[] = ['usage', 'unknown_command'];

/** For an answer given at once; work that was accepted is judged by how its request ends. */
export function exitOfReply(reply: Reply): ExitCode {
  if (reply.kind === 'refused') return USAGE_REASONS.includes(reply.reason) ? EXIT.usage : EXIT.refused;
  if (reply.kind !== 'answered') return EXIT.done;
  if (reply.answer.kind === 'health') return reply.answer.ok ? EXIT.done : EXIT.failed;
  if (reply.answer.kind === 'plan') return reply.answer.plan.evidence.some(hinders) ? EXIT.failed : EXIT.done;
  return EXIT.done;
}

export function exitOfRequest(state: RequestState): ExitCode {
  if (state === 'succeeded') return EXIT.done;
  return state === 'rejected' || state === 'expired' ? EXIT.refused : EXIT.failed;
}

/** A watch that was asked for is asked for its verdict. */
export function exitOfWatch(ended: readonly StoredEvent[]): ExitCode {
  const verdicts = ended.flatMap((told) => (told.type === 'monitor.ended' ? [told.data.verdict] : []));
  return verdicts.at(-1) === 'certified' ? EXIT.done : EXIT.failed;
}
