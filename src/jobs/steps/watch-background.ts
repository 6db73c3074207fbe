// Checks of a watch that take longer than a look: they run beside it and are counted by the look after they ended, so that none delays a look.

import { runSmoke } from '../../checks/smoke.ts';
import type { StepContext } from '../../core/job.ts';
import type { SmokeFacts } from '../../core/sample.ts';
import { checkNewestOutput } from './golden.ts';
import type { Facts } from './watch-saved.ts';

export interface Background {
  /** Begins what is due at this look; what still runs is not begun twice. */
  readonly begin: (look: number) => void;
  /** What has ended since it was last asked. */
  readonly take: () => Partial<Facts>;
  /** Ends what runs, and waits for it. */
  readonly stop: () => Promise<void>;
}

export function createBackground(context: StepContext): Background {
  const { environment, signal } = context;
  const { smokeEvery, goldenEvery } = environment.monitor;
  const stopped = new AbortController();
  const running = new Map<keyof Facts, Promise<void>>();
  let ended: Partial<Facts> = {};
  const own: StepContext = { ...context, signal: AbortSignal.any([signal, stopped.signal]) };

  function run(name: keyof Facts, check: () => Promise<Partial<Facts>>): void {
    if (running.has(name)) return;
    const done = check()
      .then((facts) => {
        if (!own.signal.aborted) ended = { ...ended, ...facts };
      })
      .catch((thrown: unknown) => context.log(`${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`))
      .finally(() => running.delete(name));
    running.set(name, done);
  }

  return {
    begin: (look) => {
      if (environment.smoke.length > 0 && isDue(look, smokeEvery)) run('smoke', async () => ({ smoke: await smoke(own) }));
      // The newest output is there before the watch begins, the smoke tests have just run.
      if (look === 1 || isDue(look, goldenEvery)) run('gates', () => golden(own));
    },
    take: () => {
      const taken = ended;
      ended = {};
      return taken;
    },
    stop: async () => {
      stopped.abort();
      await Promise.all(running.values());
    },
  };
}

function isDue(look: number, every: number): boolean {
  return every > 0 && look % every === 0;
}

async function smoke(context: StepContext): Promise<SmokeFacts> {
  const { results, passed } = await runSmoke(context);
  const bad = results.filter((result) => !result.passed);
  const good = `${results.length - bad.length} of ${results.length} passed`;
  const failed = bad.map(({ name, critical, detail }) => `${name}${critical ? '' : ' (not critical)'}: ${detail}`);
  return { at: context.ports.clock.now(), passed, detail: failed.length === 0 ? good : `${good}; ${failed.join('; ')}`.slice(0, 500) };
}

async function golden(context: StepContext): Promise<Partial<Facts>> {
  const gates = await checkNewestOutput(context);
  return gates === null ? {} : { gates };
}
