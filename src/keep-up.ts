// What is live stays up: after a reboot, or when it died by itself, proxy and service are started again. Only `process` services; systemd keeps its own.

import { alertsOf } from './core/alert.ts';
import type { Config, Environment } from './core/config.ts';
import type { Deployment } from './core/deployment.ts';
import { asBotError } from './core/error.ts';
import { type EventMap, event } from './core/event.ts';
import type { Ports } from './core/ports.ts';
import type { Change, Store } from './core/store.ts';
import type { Instant } from './core/time.ts';
import { raiseAlarm } from './jobs/ladder.ts';
import { rollbackOffer } from './jobs/offer.ts';

export interface KeepUp {
  /** Looks at every environment once. Never rejects. */
  readonly round: () => Promise<void>;
  /** Looks every few seconds until the signal aborts, as long as `mine` says that this process is the one to do it. */
  readonly run: (signal: AbortSignal, mine: () => Promise<boolean>) => Promise<void>;
}

const LOOK_EVERY_MS = 5_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** So long without a fall, and the pauses start from the beginning. */
const STEADY_MS = 600_000;

interface Falls {
  readonly count: number;
  readonly at: Instant;
}

export function createKeepUp({ config, store, ports }: { readonly config: Config; readonly store: Store; readonly ports: Ports }): KeepUp {
  const { clock, ids, log, slots, traffic } = ports;
  const falls = new Map<string, Falls>();
  /** What was told of each environment that cannot be looked after. */
  const troubles = new Map<string, string>();

  async function look(environment: Environment): Promise<void> {
    const live = await store.liveDeployment(environment.name);
    if (live === null || (await isBeingMoved(environment))) return;
    await traffic.ensure(environment);
    if (environment.service.start.kind !== 'process') return;
    const slot = (await traffic.active(environment)) ?? live.slot;
    const status = await slots.status(environment, slot);
    if (status.kind === 'running' || !isTime(environment)) return;
    const detail = status.kind === 'exited' ? status.detail : 'it was not running';
    const before = falls.get(environment.name);
    falls.set(environment.name, { count: (before?.count ?? 0) + 1, at: clock.now() });
    const failure = await startAgain();
    const told = failure === null ? { ok: true, detail } : { ok: false, detail: `${detail}; ${failure}` };
    if (failure !== null && before !== undefined) return;
    await tell(environment, live, { slot, tag: live.tag, ...told });

    async function startAgain(): Promise<string | null> {
      try {
        await slots.start({ environment, slot, release: live?.releasePath ?? '', tag: live?.tag ?? '' });
        await traffic.switchTo(environment, slot);
        return null;
      } catch (thrown) {
        return asBotError(thrown).message;
      }
    }
  }

  /** In the thread of what is live; and people are called about what does not start, as about every other trouble. */
  async function tell(environment: Environment, live: Deployment, data: EventMap['service.restarted']): Promise<void> {
    const { requestId } = live;
    const now = clock.now();
    const alerts = alertsOf(await store.eventsOf(requestId));
    const ground = { config, ids, alerts, requestId, environment: environment.name, now };
    const about = `the service in ${data.slot} (${data.tag}) is gone and does not start: ${data.detail}`;
    const rollback = data.ok ? null : await rollbackOffer(store, environment.name);
    const alarm = { kind: 'down', about, media: false, rollback, deploymentId: live.id, recovers: true } as const;
    const raised = data.ok ? { changes: [], events: [] } : raiseAlarm(ground, alarm);
    const ladders = (await store.jobs({ requestId, open: true })).filter(({ name }) => name === 'escalation');
    const scope = { environment: environment.name, requestId, jobId: null, actor: null };
    await store.commit(
      [...raised.changes, ...ladders.map(({ id }): Change => ({ kind: 'job.wake', jobId: id, at: now }))],
      [event(scope, 'service.restarted', data), ...raised.events],
      now,
    );
  }

  /** A job that moves traffic owns the host meanwhile. */
  async function isBeingMoved({ name }: Environment): Promise<boolean> {
    const open = await store.jobs({ environment: name, open: true });
    return open.some((job) => (job.name === 'deploy' || job.name === 'rollback') && job.state === 'running');
  }

  function isTime({ name }: Environment): boolean {
    const known = falls.get(name);
    if (known === undefined) return true;
    const since = clock.now() - known.at;
    if (since > STEADY_MS) falls.delete(name);
    return since >= Math.min(FIRST_PAUSE_MS * 2 ** (known.count - 1), LONGEST_PAUSE_MS);
  }

  async function round(): Promise<void> {
    for (const environment of Object.values(config.environments)) {
      try {
        await look(environment);
        await slots.boundLogs(environment);
        troubles.delete(environment.name);
      } catch (thrown) {
        const error = asBotError(thrown);
        if (troubles.get(environment.name) !== error.code)
          log.error({ environment: environment.name, code: error.code }, `What is live could not be looked after: ${error.message}`);
        troubles.set(environment.name, error.code);
      }
    }
  }

  return {
    round,
    run: async (signal, mine) => {
      while (!signal.aborted) {
        try {
          if (await mine()) await round();
        } catch (thrown) {
          const error = asBotError(thrown);
          log.error({ code: error.code }, `Nobody looks after what is live: ${error.message}`);
        }
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
    },
  };
}
