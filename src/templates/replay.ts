// What today's rules say of past watches.

import { formatDuration } from '../core/time.ts';
import type { ReplayedWatch } from '../core/wish.ts';
import { type Line, type Message, message } from './message.ts';

export function replayMessage(environment: string, watches: readonly ReplayedWatch[]): Message {
  if (watches.length === 0) return message('info', `No watch of ${environment} is stored yet`);
  const back = watches.filter(({ met }) => met.length > 0).length;
  return message(
    back === 0 ? 'good' : 'warn',
    `By today's rules ${back} of ${watches.length} watches of ${environment} would have gone back`,
    {
      lines: watches.flatMap(watchLines),
      footer: ['Stored samples under the rules of dhash.yml as it is now. Nothing was changed.'],
    },
  );
}

function watchLines({ requestId, tag, from, ended, checks, met, breaches, verdict, why }: ReplayedWatch): readonly Line[] {
  const head: Line = [
    { code: requestId },
    ' ',
    { strong: tag },
    ' of ',
    { time: from },
    `, ${checks} checks, at the time: ${ended ?? 'not ended yet'}`,
  ];
  if (checks === 0) return [head, ['    no sample is stored: nothing can be said']];
  const rules = met.map(
    ({ rule, at, afterMs, value, detail, mode }): Line => [
      `    ${verb(mode)} by ${rule} at T+${formatDuration(afterMs)} (`,
      { time: at },
      `): ${value}, ${detail}`,
    ],
  );
  const calm: Line = [`    stays: ${verdict}${breaches.length === 0 ? '' : `, breaches: ${breaches.join(', ')}`} (${why})`];
  return [head, ...(rules.length === 0 ? [calm] : rules)];
}

function verb(mode: ReplayedWatch['met'][number]['mode']): string {
  if (mode === 'auto') return 'goes back';
  return mode === 'ask' ? 'asks to go back' : 'would only be told';
}
