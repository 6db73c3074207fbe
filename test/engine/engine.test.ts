import { describe, expect, test } from 'vitest';
import { BotError } from '../../src/core/error.ts';
import type { Job, JobDefinition, JobName, Step, StepContext, StepOutcome } from '../../src/core/job.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { newJob } from '../../src/jobs/new-job.ts';
import type { OpenStore } from '../../src/store/open.ts';
import { type World, world } from '../support/world.ts';

type Run = (context: StepContext) => Promise<StepOutcome>;
const done: Run = async () => ({ kind: 'done', output: null });

function step(name: string, run: Run = done, more: Partial<Omit<Step, 'afterCrash'>> = {}): Step {
  return { name, title: name, timeoutMs: 60_000, attempts: 1, afterCrash: 'rerun', run, ...more };
}

function looking(
  name: string,
  run: Run,
  reconcile: (context: StepContext) => Promise<{ kind: 'again' } | { kind: 'done'; output: null }>,
): Step {
  return { name, title: name, timeoutMs: 60_000, attempts: 1, afterCrash: 'reconcile', run, reconcile };
}

/** An engine that carries one definition, over a store that others may share. */
function engineFor(
  bot: World,
  steps: readonly Step[],
  more: Partial<JobDefinition> & { readonly owner?: string; readonly opened?: OpenStore; readonly dead?: readonly string[] } = {},
) {
  const definition: JobDefinition = {
    name: 'smoke',
    steps,
    back: [],
    pointOfNoCancel: null,
    finish: async () => ({ changes: [], events: [] }),
    ...more,
  };
  const definitions = Object.fromEntries(['deploy', 'rollback', 'backup', 'smoke', 'monitor'].map((name) => [name, definition])) as Record<
    JobName,
    JobDefinition
  >;
  const { store } = more.opened ?? bot.opened;
  const dead = more.dead ?? [];
  return createEngine(
    { store, ports: bot.ports, config: bot.config, definitions, owner: more.owner ?? 'one:1:1' },
    { isOwnerDead: (owner) => dead.includes(owner), only: null },
  );
}

async function enqueue(bot: World): Promise<Job> {
  const job = newJob({ id: 'j-1', name: 'smoke', requestId: 's-1', environment: 'production', input: null, now: bot.clock.now() });
  await bot.store.commit([{ kind: 'job.create', job }], [], bot.clock.now());
  return job;
}

async function types(bot: World): Promise<string[]> {
  return (await bot.store.eventsOf('s-1')).map((told) => (told.type === 'job.resumed' ? `job.resumed:${told.data.found}` : told.type));
}

const job = async (bot: World) => (await bot.store.job('j-1')) as Job;

describe('forward', () => {
  test('steps run in order, each sees what the ones before left behind', async () => {
    const bot = world();
    await enqueue(bot);
    const seen: unknown[] = [];
    const engine = engineFor(bot, [
      step('one', async () => ({ kind: 'done', output: { made: 1 } })),
      step('two', async ({ job: carried }) => ({ kind: 'done', output: seen.push(carried.outputs) })),
    ]);
    await engine.tick();
    await engine.idle();
    expect(seen).toEqual([{ one: { made: 1 } }]);
    expect((await job(bot)).state).toBe('succeeded');
    expect(await types(bot)).toEqual(['job.started', 'step.started', 'step.finished', 'step.started', 'step.finished', 'job.ended']);
  });

  test('a step with nothing to do here is not part of the plan', async () => {
    const bot = world();
    await enqueue(bot);
    const engine = engineFor(bot, [step('one'), step('migrate', done, { when: () => false }), step('two')]);
    await engine.tick();
    await engine.idle();
    const started = (await bot.store.eventsOf('s-1')).flatMap((told) =>
      told.type === 'step.started' ? [`${told.data.step} ${told.data.index}/${told.data.of}`] : [],
    );
    expect(started).toEqual(['one 1/2', 'two 2/2']);
  });

  test('a waiting job holds no lease and goes on when it is woken', async () => {
    const bot = world();
    await enqueue(bot);
    let open = false;
    const engine = engineFor(bot, [
      step('ask', async () =>
        open ? { kind: 'done', output: null } : { kind: 'wait', until: bot.clock.now() + 3_600_000, why: 'waits for people' },
      ),
    ]);
    await engine.tick();
    await engine.idle();
    expect(await job(bot)).toMatchObject({ state: 'waiting', owner: null, waitReason: 'waits for people' });
    open = true;
    await bot.store.commit([{ kind: 'job.wake', jobId: 'j-1', at: bot.clock.now() }], [], bot.clock.now());
    await engine.tick();
    await engine.idle();
    expect((await job(bot)).state).toBe('succeeded');
    expect((await types(bot)).filter((type) => type === 'step.started')).toHaveLength(1);
  });

  test('a step that is tried again waits longer each time', async () => {
    const bot = world();
    await enqueue(bot);
    const at: number[] = [];
    const engine = engineFor(bot, [
      step(
        'flaky',
        async () => {
          at.push(bot.clock.now());
          if (at.length < 3) throw new BotError({ code: 'net', message: 'no route', hint: null });
          return { kind: 'done', output: null };
        },
        { attempts: 3 },
      ),
    ]);
    await engine.tick();
    await bot.clock.later(10_000);
    await engine.idle();
    expect((await job(bot)).state).toBe('succeeded');
    expect(at.map((each) => each - (at[0] ?? 0))).toEqual([0, 1_000, 3_000]);
  });

  test('a step that goes on too long fails by its timeout, even when it does not listen', async () => {
    const bot = world();
    await enqueue(bot);
    const engine = engineFor(bot, [step('deaf', () => new Promise(() => {}), { timeoutMs: 5_000 })]);
    await engine.tick();
    await bot.clock.later(20_000);
    await engine.idle();
    expect(await job(bot)).toMatchObject({ state: 'failed', failure: { code: 'step-timed-out', step: 'deaf' } });
  });

  test('the tail of what a failing step printed goes into its event', async () => {
    const bot = world();
    await enqueue(bot);
    const engine = engineFor(bot, [
      step('build', async ({ log }) => {
        for (let line = 0; line < 100; line += 1) log(`line ${line}`);
        throw new Error('exit code 1');
      }),
    ]);
    await engine.tick();
    await engine.idle();
    const { failure } = await job(bot);
    expect(failure?.tail).toHaveLength(40);
    expect(failure?.tail.at(-1)).toBe('line 99');
  });
});

describe('going back', () => {
  test('a failed job runs its back list, then ends as failed', async () => {
    const bot = world();
    await enqueue(bot);
    const undone: string[] = [];
    const undo = (name: string) => step(name, async () => ({ kind: 'done', output: undone.push(name) }));
    const engine = engineFor(bot, [step('one'), step('two', async () => Promise.reject(new Error('broke')))], {
      back: [undo('un-two'), undo('un-one')],
    });
    await engine.tick();
    await engine.idle();
    expect(undone).toEqual(['un-two', 'un-one']);
    expect(await job(bot)).toMatchObject({ state: 'failed', failure: { step: 'two', message: 'broke' } });
  });

  test('when going back fails too, the job ends there and says so', async () => {
    const bot = world();
    await enqueue(bot);
    const engine = engineFor(bot, [step('one', async () => Promise.reject(new Error('broke')))], {
      back: [step('undo', async () => Promise.reject(new Error('stuck')))],
    });
    await engine.tick();
    await engine.idle();
    expect(await job(bot)).toMatchObject({ state: 'failed', failure: { step: 'undo', message: 'stuck' } });
  });

  test('a cancel stops the running step and turns the job back; after the point of no cancel it does not', async () => {
    for (const { at, state } of [
      { at: 'early', state: 'canceled' },
      { at: 'switch', state: 'succeeded' },
    ]) {
      const bot = world();
      await enqueue(bot);
      const slow = async ({ signal, ports }: StepContext): Promise<StepOutcome> => {
        await ports.clock.sleep(10_000, signal);
        if (signal.aborted) throw new Error('stopped');
        return { kind: 'done', output: null };
      };
      const engine = engineFor(bot, [step('early', at === 'early' ? slow : done), step('switch', slow)], { pointOfNoCancel: 'switch' });
      await engine.tick();
      await bot.clock.later(1_000);
      await bot.store.commit(
        [{ kind: 'job.cancel', jobId: 'j-1', cancel: { by: 'U1', reason: 'no', force: false }, at: bot.clock.now() }],
        [],
        bot.clock.now(),
      );
      await engine.tick();
      await bot.clock.later(30_000);
      await engine.idle();
      expect((await job(bot)).state).toBe(state);
    }
  });
});

describe('after a crash', () => {
  /** A worker that dies inside a step: its lease stays, nothing is written any more. */
  async function crashedIn(bot: World, steps: readonly Step[]): Promise<void> {
    await enqueue(bot);
    const engine = engineFor(bot, steps, { owner: 'dead:1:1' });
    await engine.tick();
    await bot.clock.later(0);
    expect((await job(bot)).inFlight).toBe(true);
  }

  const hang: Run = () => new Promise(() => {});

  test('a rerun step runs again, and the children of the dead worker are ended first', async () => {
    const bot = world();
    await crashedIn(bot, [step('fetch', hang)]);
    const fenced: string[] = [];
    const ports = { ...bot.ports, commands: { ...bot.ports.commands, fence: async (key: string) => fenced.push(key) } };
    const engine = engineFor({ ...bot, ports }, [step('fetch', async () => ({ kind: 'done', output: fenced.length }))], {
      owner: 'two:2:2',
      dead: ['dead:1:1'],
    });
    await engine.tick();
    await engine.idle();
    expect(fenced).toEqual(['j-1']);
    expect((await job(bot)).outputs).toEqual({ fetch: 1 });
    expect(await types(bot)).toContain('job.resumed:rerun');
  });

  test.each([1, 2])('a failure is told once when the worker dies right after it, of %i tries', async (attempts) => {
    const bot = world();
    await enqueue(bot);
    let dead = false;
    const commit: typeof bot.store.commit = async (changes, events, now) => {
      if (dead) throw new Error('killed');
      const result = await bot.store.commit(changes, events, now);
      dead = events.some(({ type }) => type === 'step.failed');
      return result;
    };
    const steps = [step('build', async () => Promise.reject(new Error('broke')), { attempts })];
    const dying = engineFor(bot, steps, { owner: 'dead:1:1', opened: { ...bot.opened, store: { ...bot.store, commit } } });
    await dying.tick();
    await bot.clock.later(5_000);
    await dying.idle();
    const next = engineFor(bot, steps, { owner: 'two:2:2', dead: ['dead:1:1'] });
    await next.tick();
    await bot.clock.later(5_000);
    await next.idle();
    expect((await job(bot)).state).toBe('failed');
    expect((await types(bot)).filter((type) => type === 'step.failed')).toHaveLength(attempts);
  });

  test('a reconcile step whose work is seen on the host is not repeated', async () => {
    const bot = world();
    await crashedIn(bot, [looking('switch', hang, async () => ({ kind: 'again' }))]);
    let ran = 0;
    const count = () => {
      ran += 1;
      return ran;
    };
    const engine = engineFor(
      bot,
      [
        looking(
          'switch',
          async () => ({ kind: 'done', output: count() }),
          async () => ({ kind: 'done', output: null }),
        ),
      ],
      { owner: 'two:2:2', dead: ['dead:1:1'] },
    );
    await engine.tick();
    await engine.idle();
    expect(ran).toBe(0);
    expect((await job(bot)).state).toBe('succeeded');
    expect(await types(bot)).toContain('job.resumed:done');
  });

  test('a reconcile step that was not done is done, once', async () => {
    const bot = world();
    await crashedIn(bot, [looking('switch', hang, async () => ({ kind: 'again' }))]);
    let ran = 0;
    const count = () => {
      ran += 1;
      return ran;
    };
    const engine = engineFor(
      bot,
      [
        looking(
          'switch',
          async () => ({ kind: 'done', output: count() }),
          async () => ({ kind: 'again' }),
        ),
      ],
      { owner: 'two:2:2', dead: ['dead:1:1'] },
    );
    await engine.tick();
    await engine.idle();
    expect(ran).toBe(1);
    expect(await types(bot)).toContain('job.resumed:again');
  });

  test('what a long step saved on its way is there again', async () => {
    const bot = world();
    const seen: unknown[] = [];
    const watch: Run = async ({ job: carried, checkpoint }) => {
      seen.push(carried.checkpoint);
      if (carried.checkpoint !== null) return { kind: 'done', output: null };
      await checkpoint({ tick: 7 });
      return new Promise(() => {});
    };
    await crashedIn(bot, [step('watch', watch)]);
    const engine = engineFor(bot, [step('watch', watch)], { owner: 'two:2:2', dead: ['dead:1:1'] });
    await engine.tick();
    await engine.idle();
    expect(seen).toEqual([null, { tick: 7 }]);
  });

  test('a living owner keeps its job until its lease ends; then the stale one cannot write', async () => {
    const bot = world();
    await enqueue(bot);
    let release: () => void = () => {};
    const stale = engineFor(
      bot,
      [step('slow', () => new Promise((resolve) => (release = () => resolve({ kind: 'done', output: 'stale' }))))],
      { owner: 'stale:1:1' },
    );
    await stale.tick();
    await bot.clock.later(0);
    const next = engineFor(bot, [step('slow', async () => ({ kind: 'done', output: 'fresh' }))], { owner: 'two:2:2' });
    await next.tick();
    expect((await job(bot)).owner).toBe('stale:1:1');
    await bot.clock.later(11_000);
    await next.tick();
    await next.idle();
    release();
    await stale.idle();
    expect((await job(bot)).outputs).toEqual({ slow: 'fresh' });
  });

  test('a stale one that wakes up in the middle of a step no longer touches the host', async () => {
    const bot = world();
    await enqueue(bot);
    let wake: () => void = () => {};
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    const act: Run = async ({ ports, environment }) => {
      await ports.slots.stop(environment, 'blue');
      return { kind: 'done', output: null };
    };
    const stale = engineFor(bot, [step('act', (context) => asleep.then(() => act(context)))], { owner: 'stale:1:1' });
    await stale.tick();
    await bot.clock.later(11_000);
    const next = engineFor(bot, [step('act', act)], { owner: 'two:2:2' });
    await next.tick();
    await next.idle();
    wake();
    await stale.idle();
    expect((await job(bot)).state).toBe('succeeded');
    expect(bot.host.done.filter((done) => done.startsWith('stop'))).toEqual(['stop blue']);
  });
});

describe('draining', () => {
  test('no new work, and the running job is left for the next worker, at once', async () => {
    const bot = world();
    await enqueue(bot);
    const slow: Run = async ({ signal, ports }) => {
      await ports.clock.sleep(60_000, signal);
      if (signal.aborted) throw new Error('told to stop');
      return { kind: 'done', output: null };
    };
    const engine = engineFor(bot, [step('slow', slow)]);
    await engine.tick();
    await bot.clock.later(1_000);
    await engine.drain();
    expect(await job(bot)).toMatchObject({ state: 'running', inFlight: true, owner: null });
    const next = engineFor(bot, [step('slow')], { owner: 'two:2:2' });
    await next.tick();
    await next.idle();
    expect((await job(bot)).state).toBe('succeeded');
  });
});
