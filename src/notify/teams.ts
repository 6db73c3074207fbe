// Teams, by an incoming webhook or a workflow that takes Adaptive Cards.

import type { DurationMs } from '../core/time.ts';
import { again, LATER_MS, type Sender } from './outcome.ts';
import { postJson } from './post-json.ts';

export function createTeamsSender({ url, timeoutMs }: { readonly url: string; readonly timeoutMs: DurationMs }): Sender {
  return {
    idempotent: false,
    send: async ({ content, signal }) => {
      const { outcome, answer } = await postJson({ url, body: content, timeoutMs, signal });
      // A connector says 200 and, in words, that Teams itself refused: a rate limit that is not in the status.
      const limited = outcome.kind === 'sent' && /endpoint returned HTTP error 4(29|03)/.test(answer);
      return limited ? again('teams-limited', answer, { atLeastMs: 5_000, patienceMs: LATER_MS }) : outcome;
    },
    close: () => {},
  };
}
