// How the service stands while something is done to it: its two slots and the public port, one sentence each.

import type { Environment } from '../core/config.ts';
import { asBotError } from '../core/error.ts';
import type { Ports } from '../core/ports.ts';
import type { Slot } from '../core/slot.ts';

/** Never rejects: what cannot be told is said to be unknown. */
export async function serviceState(
  { slots, traffic }: Pick<Ports, 'slots' | 'traffic'>,
  environment: Environment,
): Promise<readonly string[]> {
  const [active, version] = await Promise.all([
    traffic.active(environment).catch(() => null),
    traffic.version(environment).catch(() => null),
  ]);
  const places = await Promise.all((['blue', 'green'] as const).map((slot) => slotState(slots, environment, slot, active)));
  return [...places, version === null ? 'public port: no version answers' : `public port: ${version} answers`];
}

async function slotState(slots: Ports['slots'], environment: Environment, slot: Slot, active: Slot | null): Promise<string> {
  const role = slot === active ? `${slot} (live)` : slot;
  try {
    const status = await slots.status(environment, slot);
    if (status.kind === 'running') return `${role}: ${status.tag} runs`;
    return status.kind === 'exited' ? `${role}: ended, ${status.detail}` : `${role}: nothing runs`;
  } catch (thrown) {
    return `${role}: unknown, ${asBotError(thrown).message}`;
  }
}
