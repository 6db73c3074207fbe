// The two running places of the service.

import type { Environment } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import type { Clock, Commands, Http, Slots } from '../../core/ports.ts';
import type { Slot } from '../../core/slot.ts';
import { type Listener, listenerOn, sayListener } from '../traffic/traffic-sockets.ts';
import type { SlotBackend } from './slots-backend.ts';
import { createProcessSlots, type ProcessSlotsOptions } from './slots-process.ts';
import { untilReady } from './slots-ready.ts';
import { waitFor } from './supervise-wait.ts';
import { createSystemdSlots } from './systemd.ts';

export interface SlotsOptions extends ProcessSlotsOptions {
  readonly clock: Clock;
  readonly http: Http;
  /** Runs systemctl and journalctl. */
  readonly run: Commands['run'];
}

// The kernel may show a listening socket for a moment after its process is gone.
const PORT_FREE_WITHIN_MS = 500;
const PORT_LOOK_MS = 25;

/** Throws, beside what the port says: `port-in-use`, `service-not-started`, `slot-not-stopped`, `unit-not-found`. */
export function createSlots(options: SlotsOptions): Slots {
  const { clock, http, redact } = options;
  const processes = createProcessSlots(options);
  const units = createSystemdSlots({ run: options.run, clock });
  const backendOf = (environment: Environment): SlotBackend => (environment.service.start.kind === 'process' ? processes : units);

  return {
    status: (environment, slot) => backendOf(environment).status(environment, slot),
    stop: (environment, slot) => backendOf(environment).stop(environment, slot),
    start: async (start) => {
      const backend = backendOf(start.environment);
      await backend.stop(start.environment, start.slot);
      await refuseTakenPort(start.environment, start.slot, clock);
      await backend.start(start);
    },
    boundLogs: (environment) => backendOf(environment).boundLogs(environment),
    ready: (wait) => untilReady(wait, { backend: backendOf(wait.environment), clock, http, redact }),
  };
}

async function refuseTakenPort(environment: Environment, slot: Slot, clock: Clock): Promise<void> {
  const port = environment.service.ports[slot];
  let listener: Listener | null = null;
  await waitFor({ clock, withinMs: PORT_FREE_WITHIN_MS, everyMs: PORT_LOOK_MS }, async () => {
    listener = await listenerOn(port);
    return listener === null ? true : null;
  });
  if (listener === null) return;
  throw new BotError({
    code: 'port-in-use',
    message: `Port ${port} of ${slot} in ${environment.name} is taken by ${sayListener(listener)}, which is not our service`,
    hint: `See what it is: ss -ltnp 'sport = :${port}'. End it, or give the slot another port in dhash.yml.`,
  });
}
