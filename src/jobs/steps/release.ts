import type { Step } from '../../core/job.ts';
import { formatDuration } from '../../core/time.ts';
import { deployInput } from '../inputs.ts';
import { incoming } from '../outputs.ts';
import { approved } from './checklist.ts';

const HALF_HOUR_MS = 30 * 60_000;

export const fetchRelease: Step = {
  name: 'fetch',
  title: 'Fetch the release',
  timeoutMs: HALF_HOUR_MS,
  attempts: 3,
  afterCrash: 'rerun',
  run: async ({ job, environment, ports, signal, log }) => {
    const { tag } = deployInput(job);
    const { commit } = approved.need(job);
    const release = await ports.releases.fetch({ environment, tag, commit, id: job.id, signal, onLine: log });
    await ports.releases.linkShared(environment, release);
    return { kind: 'done', output: { release, tag, commit }, note: `${tag} at ${commit.slice(0, 10)}` };
  },
};

export const build: Step = {
  name: 'build',
  title: 'Build it beside the live one',
  timeoutMs: HALF_HOUR_MS,
  attempts: 1,
  afterCrash: 'rerun',
  when: (_job, environment) => environment.build.length > 0,
  run: async ({ job, environment, ports, signal, log }) => {
    const { release, tag } = incoming.need(job);
    let durationMs = 0;
    for (const argv of environment.build) {
      log(`$ ${argv.join(' ')}`);
      durationMs += (
        await ports.commands.run({ argv, cwd: release, env: releaseEnv(tag), timeoutMs: HALF_HOUR_MS, signal, onLine: log, key: job.id })
      ).durationMs;
    }
    return { kind: 'done', output: { durationMs }, note: `${environment.build.length} commands in ${formatDuration(durationMs)}` };
  },
};

/** Declared migrations must be safe to run twice: a crash in the middle runs them again. */
export const migrate: Step = {
  name: 'migrate',
  title: 'Migrate',
  timeoutMs: HALF_HOUR_MS,
  attempts: 1,
  afterCrash: 'rerun',
  when: (_job, environment) => environment.migrate.length > 0,
  run: async ({ job, environment, ports, signal, log }) => {
    const { release, tag } = incoming.need(job);
    for (const argv of environment.migrate) {
      log(`$ ${argv.join(' ')}`);
      await ports.commands.run({ argv, cwd: release, env: releaseEnv(tag), timeoutMs: HALF_HOUR_MS, signal, onLine: log, key: job.id });
    }
    return { kind: 'done', output: null, note: `${environment.migrate.length} commands` };
  },
};

function releaseEnv(tag: string): Readonly<Record<string, string>> {
  return { RELEASE_TAG: tag, RELEASE_VERSION: tag };
}
