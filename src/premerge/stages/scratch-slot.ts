// The release runs: a real, supervised process in a slot of its own, on a free port, ended at the end whatever happens.

import type { Slot } from '../../core/slot.ts';
import { formatDuration } from '../../core/time.ts';
import { need, type PremergeContext, type Stage } from '../stage.ts';

export const SLOT: Slot = 'blue';

export function scratchUrl({ environment }: Pick<PremergeContext, 'environment'>): string {
  return `http://127.0.0.1:${environment.service.ports[SLOT]}`;
}

export const start: Stage = {
  name: 'start',
  title: 'Start a scratch copy',
  needs: ['deploy-dryrun', 'migrate-dryrun'],
  run: async (context) => {
    const { environment, ports, signal, log } = context;
    if (environment.service.start.kind !== 'process') {
      const { unit } = environment.service.start;
      return { kind: 'skipped', evidence: `how to start a copy of ${unit} is not declared (premerge.start in dhash.yml)` };
    }
    const tag = need(context, 'version');
    const release = need(context, 'release');
    log(`$ ${environment.service.start.argv.join(' ')} (in ${release}, PORT=${environment.service.ports[SLOT]})`);
    await ports.slots.start({ environment, slot: SLOT, release, tag });
    const { afterMs } = await ports.slots.ready({ environment, slot: SLOT, tag, signal });
    const evidence = `${tag} answers at ${scratchUrl(context)} after ${formatDuration(afterMs)}`;
    log(evidence);
    return { kind: 'passed', evidence };
  },
};

export const stop: Stage = {
  name: 'stop',
  title: 'Stop the scratch copy',
  needs: [],
  always: true,
  run: async ({ environment, ports, log }) => {
    if (environment.service.start.kind !== 'process') return { kind: 'skipped', evidence: 'there is none' };
    const before = await ports.slots.status(environment, SLOT);
    await ports.slots.stop(environment, SLOT);
    const evidence = before.kind === 'stopped' ? 'none was running' : before.kind === 'exited' ? `had ended: ${before.detail}` : 'stopped';
    log(evidence);
    // It should have run until now.
    return before.kind === 'exited' ? { kind: 'failed', evidence, hint: null, tail: before.tail } : { kind: 'passed', evidence };
  },
};
