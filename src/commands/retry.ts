import { BotError } from '../core/error.ts';

const MOST_ROUNDS = 20;

/** Decides again as long as somebody else wrote first (null); each round reads afresh. */
export async function untilSettled<T>(round: () => Promise<T | null>): Promise<T> {
  for (let count = 0; count < MOST_ROUNDS; count += 1) {
    const settled = await round();
    if (settled !== null) return settled;
  }
  throw new BotError({
    code: 'contended',
    message: 'too many people are changing the same request at once',
    hint: 'Try again in a moment.',
  });
}
