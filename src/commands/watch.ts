import { describePhases } from '../core/phases.ts';
import { refuse } from '../core/refusal.ts';
import { parseDuration } from '../core/time.ts';
import type { MonitorInput } from '../jobs/inputs.ts';
import type { Command } from './command.ts';
import { environmentOf, isRefusal } from './environment.ts';
import { openRequest } from './open-request.ts';
import { untilSettled } from './retry.ts';

const LONGEST_MS = 7 * 86_400_000;

/** The guide's `monitor --duration 3600` counts seconds; a unit may be written too. */
export const monitor: Command = {
  name: 'monitor',
  usage: 'monitor [environment] [--duration 60m]',
  summary: 'Watch what is live, outside of a deploy',
  permission: 'operate',
  changes: true,
  flags: { env: 'value', duration: 'value' },
  words: 1,
  run: async (context, { positionals: [name], flags }) => {
    const environment = environmentOf(context, flags['env'] ?? name);
    if (isRefusal(environment)) return environment;
    const said = flags['duration'];
    const durationMs = typeof said === 'string' ? durationOf(said) : environment.monitor.duration;
    if (durationMs === null)
      return refuse('usage', `--duration "${said}" is not a length of time up to 7 days`, 'Write 3600 (seconds), 60m or 2h.');
    const input: MonitorInput = { durationMs, deploymentId: null, tag: null, after: 'request', before: null };
    return untilSettled(() =>
      openRequest(context, {
        job: 'monitor',
        environment: environment.name,
        tag: null,
        input,
        options: {},
        parentId: null,
        lock: { kind: 'none' },
        note: `watching ${environment.name}`,
      }),
    );
  },
};

export const smoke: Command = {
  name: 'smoke',
  usage: 'smoke [environment]',
  summary: 'Run the smoke tests against what is live',
  permission: 'operate',
  changes: true,
  flags: { env: 'value' },
  words: 1,
  run: async (context, { positionals: [name], flags }) => {
    const environment = environmentOf(context, flags['env'] ?? name);
    if (isRefusal(environment)) return environment;
    if (environment.smoke.length === 0)
      return refuse(
        'usage',
        `${environment.name} declares no smoke tests`,
        `Add some under environments.${environment.name}.smoke in dhash.yml.`,
      );
    return untilSettled(() =>
      openRequest(context, {
        job: 'smoke',
        environment: environment.name,
        tag: null,
        input: null,
        options: {},
        parentId: null,
        lock: { kind: 'none' },
        note: `smoke-testing ${environment.name}`,
      }),
    );
  },
};

export const health: Command = {
  name: 'health',
  usage: 'health [environment]',
  summary: 'Ask the public port once: is it there, which version, and where the time goes',
  permission: 'anyone',
  changes: false,
  flags: { env: 'value' },
  words: 1,
  run: async (context, { positionals: [name], flags }) => {
    const environment = environmentOf(context, flags['env'] ?? name);
    if (isRefusal(environment)) return environment;
    const answer = await context.ports.http.get(environment.monitor.health, { timeoutMs: 5_000 });
    const version = await context.ports.traffic.version(environment);
    const ok = answer.kind === 'answered' && answer.status < 400;
    const limit = context.config.qualityGates.performance.responseTimeMax;
    const slow = answer.ms > limit ? `over the limit of ${limit} ms` : `limit ${limit} ms`;
    const what =
      answer.kind === 'answered'
        ? `answers ${answer.status}, version ${version ?? 'unknown'}; ${describePhases(answer)} (${slow})`
        : `does not answer: ${answer.detail} (${describePhases(answer)})`;
    return {
      kind: 'answered',
      answer: { kind: 'health', environment: environment.name, ok, detail: `${environment.monitor.health} ${what}` },
    };
  },
};

function durationOf(said: string): number | null {
  const ms = /^\d+$/.test(said) ? Number(said) * 1_000 : parseDuration(said);
  return ms !== null && ms > 0 && ms <= LONGEST_MS ? ms : null;
}
