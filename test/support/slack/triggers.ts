// Trigger ids: each opens one dialog, within three seconds after Slack sent it.

export interface Triggers {
  readonly issue: (id: string) => void;
  /** null = a dialog may be opened with it, and now with none any more. */
  readonly spend: (id: string) => 'expired' | 'exchanged' | 'invalid' | null;
}

const LIFE_MS = 3_000;

export function createTriggers(now: () => number): Triggers {
  const issued = new Map<string, number>();
  const spent = new Set<string>();
  return {
    issue: (id) => void issued.set(id, now()),
    spend: (id) => {
      const since = issued.get(id);
      if (since === undefined) return 'invalid';
      if (now() - since > LIFE_MS) return 'expired';
      if (spent.has(id)) return 'exchanged';
      spent.add(id);
      return null;
    },
  };
}
