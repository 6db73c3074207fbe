// How many requests and upgraded connections each slot has open.

import type { Slot } from '../../core/slot.ts';
import type { ProxyStatus } from './proxy-protocol.ts';

export type Kind = 'requests' | 'upgrades';

export interface Tally {
  /** Counts one in; the answer counts it out again, once. */
  readonly open: (slot: Slot, kind: Kind) => () => void;
  readonly failed: () => void;
  readonly read: () => Pick<ProxyStatus, 'slots' | 'totals'>;
  readonly isIdle: () => boolean;
}

export function createTally(): Tally {
  const slots = { blue: { requests: 0, upgrades: 0 }, green: { requests: 0, upgrades: 0 } };
  const totals = { requests: 0, upgrades: 0, failed: 0 };

  return {
    open: (slot, kind) => {
      let isOpen = true;
      slots[slot][kind] += 1;
      totals[kind] += 1;
      return () => {
        if (isOpen) slots[slot][kind] -= 1;
        isOpen = false;
      };
    },
    failed: () => {
      totals.failed += 1;
    },
    read: () => structuredClone({ slots, totals }),
    isIdle: () => [slots.blue, slots.green].every(({ requests, upgrades }) => requests + upgrades === 0),
  };
}
