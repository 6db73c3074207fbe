// Every verb that Slack has too, said in a shell: the same way in, carried by this process when no worker lives.

import { shellActor } from '../cli/actor.ts';
import type { ExitCode } from '../cli/exit.ts';
import { runShellCommand } from '../cli/shell.ts';
import { type Composed, compose } from '../compose.ts';
import type { Loaded } from '../config/load.ts';
import type { Groups } from '../core/ports.ts';
import { createStoredGroups } from '../slack/groups.ts';
import { load, type ProgramOptions } from './verb.ts';

export async function shell(options: ProgramOptions): Promise<ExitCode> {
  const loaded = await load(options);
  const { config } = loaded;
  const followed = { requestId: '' };
  const composed: Composed = composeShell(
    options,
    loaded,
    async () => {
      const jobs = await composed.opened.store.jobs({ requestId: followed.requestId, open: true });
      return jobs.map(({ id }) => id);
    },
    () => groups,
  );
  const { app, opened, ports, owner } = composed;
  const { store } = opened;
  const groups = createStoredGroups(config.people, { store, clock: ports.clock, log: ports.log });
  await groups.load();
  const over = new AbortController();
  const carrying: Promise<void>[] = [];
  try {
    return await runShellCommand({
      words: options.argv.filter((word) => word !== '--json'),
      json: options.argv.includes('--json'),
      actor: shellActor(options.user, config.people),
      handle: app.handle,
      word: app.word,
      store,
      clock: ports.clock,
      output: options.output,
      dedupeKey: `shell:${owner}:${ports.clock.now()}`,
      carry: async (requestId) => {
        if (await workerLives(composed)) return false;
        followed.requestId = requestId;
        carrying.push(app.engine.run(), groups.follow(over.signal));
        return true;
      },
      signal: options.signal,
    });
  } finally {
    if (carrying.length > 0) await app.engine.drain();
    over.abort();
    await Promise.all(carrying);
    opened.close();
  }
}

async function workerLives({ opened, isOwnerDead }: Composed): Promise<boolean> {
  const processes = await opened.processes.list();
  return processes.some(({ owner, role }) => (role === 'worker' || role === 'all') && !isOwnerDead(owner));
}

export function composeShell(
  options: ProgramOptions,
  loaded: Loaded,
  only: (() => Promise<readonly string[]>) | null,
  groups: () => Groups = () => ({ members: () => null, asOf: () => null }),
): Composed {
  const logTo = { write: (line: string) => void options.stderr.write(line) };
  return compose({ loaded: quieter(loaded), env: options.env, logTo, groups, only });
}

/** A person reads this terminal: only trouble is logged, unless LOG_LEVEL says otherwise. */
function quieter(loaded: Loaded): Loaded {
  return loaded.settings.logLevel === 'info' ? { ...loaded, settings: { ...loaded.settings, logLevel: 'error' } } : loaded;
}
