// A watch that finds something, without waiting for the service to be bad: what it found is answered by the real thing.

import { createApp } from '../../src/app.ts';
import type { WatchEvent } from '../../src/checks/breach.ts';
import type { StoredEvent } from '../../src/core/event.ts';
import type { StepContext } from '../../src/core/job.ts';
import type { Store } from '../../src/core/store.ts';
import { rollbackOffer } from '../../src/jobs/offer.ts';
import { tell } from '../../src/jobs/outputs.ts';
import { respond } from '../../src/jobs/steps/respond.ts';
import { deployed, NO_APPROVALS } from './stories.ts';
import { type World, world } from './world.ts';

export const SECOND = 1_000;
export const MINUTE = 60_000;

export const LADDER = [
  { to: 'deployLead', after: 0 },
  { to: 'oncall', after: 2 * MINUTE },
  { to: 'mediaEng', after: 5 * MINUTE },
  { to: 'engineeringManager', after: 15 * MINUTE },
] as const;

export const EVERYBODY = {
  reviewers: ['U0BOB', 'U0CAROL'],
  ops: ['U0OPS'],
  deployLead: 'U0LEAD',
  oncall: 'U0OPS',
  mediaEng: 'U0MEDIA',
  engineeringManager: 'U0EM',
  shell: { root: 'U0LEAD' },
};

/** v2.1.0 is live over v2.0.0, and watched for hours; the second value is its request. */
export async function watched(options: Parameters<typeof world>[0] = {}): Promise<readonly [World, string]> {
  const base = world();
  const monitor = base.config.environments['production']?.monitor;
  base.opened.close();
  if (monitor === undefined) throw new Error('no environment');
  const long = { ...monitor, duration: 180 * MINUTE, interval: 5 * MINUTE, updates: [] };
  const bot = world({
    ...options,
    environment: { ...NO_APPROVALS, escalation: LADDER, monitor: long, ...options.environment },
    config: { people: EVERYBODY, ...options.config },
  });
  await deployed(bot, 'v2.0.0');
  await pass(bot, 30 * SECOND);
  const id = await deployed(bot, 'v2.1.0');
  await pass(bot, 30 * SECOND);
  return [bot, id];
}

/** Lets time pass as a running bot would, looking every ten seconds. */
export async function pass(bot: World, ms: number, app = bot.app): Promise<void> {
  for (let left = ms; left > 0; left -= 10 * SECOND) {
    await app.engine.tick();
    await bot.clock.later(Math.min(left, 10 * SECOND));
  }
  await app.engine.tick();
  await bot.clock.later(1);
}

export const ruleMet = (mode: 'observe' | 'ask' | 'auto', rule: 'error-rate' | 'response-time' | 'quality-gates' = 'error-rate') =>
  ({ kind: 'rule-met', rule, value: '2.5 %', threshold: '1 %', detail: 'for 5m', mode }) as const;
export const breached = (gate: 'response-time' | 'error-rate' = 'response-time') =>
  ({ kind: 'breached', gate, value: '612 ms', threshold: '200 ms', failures: 3 }) as const;
export const recovered = (gate: 'response-time' | 'error-rate' = 'response-time') =>
  ({ kind: 'recovered', gate, value: '120 ms', passes: 5 }) as const;

/** The newest watch finds this at its look, and what follows is saved with it. */
export async function finds(bot: World, found: WatchEvent): Promise<void> {
  const job = (await bot.store.jobs({ open: true })).find(({ name }) => name === 'monitor');
  const environment = bot.config.environments['production'];
  if (job === undefined || environment === undefined) throw new Error('nothing is watched');
  const { config, ports, store, clock } = bot;
  const context: StepContext = {
    job,
    environment,
    config,
    ports,
    store,
    signal: new AbortController().signal,
    startedAt: clock.now(),
    log: () => {},
    checkpoint: async () => {},
  };
  const offer = await rollbackOffer(store, environment.name);
  const answer = await respond(context, [found], offer);
  await store.commit(answer.changes, [tellFound(), ...answer.events], clock.now());
  await pass(bot, SECOND);

  function tellFound() {
    if (found.kind === 'rule-met') return tell(context.job, 'monitor.rule-met', { ...found, rollback: offer });
    if (found.kind === 'breached') return tell(context.job, 'monitor.breached', { ...found, rollback: offer });
    if (found.kind === 'recovered') return tell(context.job, 'monitor.recovered', found);
    if (found.kind === 'rule-cleared') return tell(context.job, 'monitor.rule-cleared', found);
    if (found.kind === 'blind') return tell(context.job, 'monitor.blind', found);
    return tell(context.job, 'monitor.sighted', found);
  }
}

/** The bot died and another process goes on with the same database; `store` may be one that fails where the first died. */
export function another(bot: World, store: Store = bot.store, owner = 'test:2:2') {
  return createApp({ config: bot.config, store, ports: bot.ports, owner, engine: { isOwnerDead: () => true, only: null } });
}

export async function story(bot: World, id: string): Promise<readonly StoredEvent[]> {
  return bot.store.eventsOf(id);
}

/** Who was called, and when after `from`, in words. */
export async function calls(bot: World, id: string, from: number): Promise<readonly string[]> {
  return (await story(bot, id)).flatMap((told) => {
    const at = `${Math.round((told.at - from) / MINUTE)}m`;
    if (told.type === 'escalation.called') return [`${at} ${told.data.to}`];
    if (told.type === 'escalation.skipped') return [`${at} (${told.data.to})`];
    return told.type === 'escalation.ended' ? [`${at} ended: ${told.data.how}`] : [];
  });
}

export async function rollbacks(bot: World) {
  return (await bot.store.requests({ environment: 'production' })).filter(({ kind }) => kind === 'rollback');
}
