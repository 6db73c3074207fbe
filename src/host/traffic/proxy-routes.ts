// Where the proxy sends new requests. A switch is on disk before it counts and before it is answered, so a proxy that was killed serves the
// same slot when it comes back.

import type { Slot } from '../../core/slot.ts';
import type { RoutesState } from './proxy-protocol.ts';

export interface Target {
  readonly slot: Slot;
  readonly port: number;
}

export interface Routes {
  readonly state: () => RoutesState;
  /** Null = no slot is active yet. */
  readonly target: () => Target | null;
  /** One switch after another; when `save` fails nothing changes. */
  readonly switchTo: (target: Target) => Promise<void>;
}

export const NO_ROUTES: RoutesState = { active: null, ports: { blue: null, green: null } };

export function createRoutes(first: RoutesState, save: (state: RoutesState) => Promise<void>): Routes {
  let state = first;
  let last: Promise<void> = Promise.resolve();

  const apply = async ({ slot, port }: Target): Promise<void> => {
    const next: RoutesState = { active: slot, ports: { ...state.ports, [slot]: port } };
    await save(next);
    state = next;
  };

  return {
    state: () => state,
    target: () => {
      const port = state.active === null ? null : state.ports[state.active];
      return state.active === null || port === null ? null : { slot: state.active, port };
    },
    switchTo: (target) => {
      const applied = last.then(() => apply(target));
      last = applied.catch(() => {});
      return applied;
    },
  };
}
