// Slack's rate limits: a bucket for each method, and one for the posts of each channel.

import type { Args } from './workspace.ts';

/** Calls a minute, by Slack's tiers. */
export const TIERS = { one: 1, two: 20, three: 50, four: 100, special: 300 } as const;
export type Tier = keyof typeof TIERS;

export interface Rates {
  /** Seconds to wait, or null when the call may go on. */
  readonly take: (method: string, tier: Tier, args: Args) => number | null;
}

const MINUTE_MS = 60_000;
const CHANNEL = { perMinute: 60, burst: 5 };

interface Limit {
  readonly name: string;
  readonly perMinute: number;
  readonly burst: number;
}

interface Bucket {
  readonly left: number;
  readonly at: number;
}

/** `burst`: how many minutes' worth may come at once. */
export function createRates(now: () => number, burst: number): Rates {
  const buckets = new Map<string, Bucket>();
  return {
    take: (method, tier, args) => {
      const perMinute = TIERS[tier];
      const wanted: Limit[] = [{ name: method, perMinute, burst: perMinute * burst }];
      if (method === 'chat.postMessage') wanted.push({ name: `post to ${String(args['channel'])}`, ...CHANNEL });
      const states = wanted.map((bucket) => ({ ...bucket, left: leftIn(bucket) }));
      const empty = states.find(({ left }) => left < 1);
      if (empty !== undefined) return Math.ceil(((1 - empty.left) * MINUTE_MS) / empty.perMinute / 1_000);
      for (const { name, left } of states) buckets.set(name, { left: left - 1, at: now() });
      return null;
    },
  };

  function leftIn({ name, perMinute, burst: most }: Limit): number {
    const bucket = buckets.get(name);
    if (bucket === undefined) return most;
    // A clock that was set back gives nothing and takes nothing.
    return Math.min(most, bucket.left + (Math.max(0, now() - bucket.at) * perMinute) / MINUTE_MS);
  }
}
