import { type Refusal, refuse } from '../core/refusal.ts';
import { formatDuration, parseDuration } from '../core/time.ts';
import type { MonitorInput } from '../jobs/inputs.ts';
import type { Command } from './command.ts';
import { environmentOf, isRefusal } from './environment.ts';
import { openRequest } from './open-request.ts';
import { untilSettled } from './retry.ts';
import type { Words } from './words.ts';

const LONGEST_MS = 7 * 86_400_000;
/** A look more often than this would be load, not watching. */
const SHORTEST_INTERVAL_MS = 100;
const SLOWEST_MS = 600_000;

/** The guide's `monitor --duration 3600 --interval 30` counts seconds; a unit may be written too. */
export const monitor: Command = {
  name: 'monitor',
  usage: 'monitor [environment] [--duration 60m] [--interval 30s] [--error-threshold PERCENT] [--response-threshold MS]',
  summary: 'Watch what is live, outside of a deploy',
  permission: 'operate',
  changes: true,
  flags: { env: 'value', duration: 'value', interval: 'value', 'error-threshold': 'value', 'response-threshold': 'value' },
  words: 1,
  run: async (context, { positionals: [name], flags }) => {
    const environment = environmentOf(context, flags['env'] ?? name);
    if (isRefusal(environment)) return environment;
    const durationMs = lengthOf(flags, 'duration', 1, LONGEST_MS) ?? environment.monitor.duration;
    if (typeof durationMs !== 'number') return durationMs;
    const intervalMs = lengthOf(flags, 'interval', SHORTEST_INTERVAL_MS, durationMs);
    if (intervalMs !== null && typeof intervalMs !== 'number') return intervalMs;
    const errorRateMax = numberOf(flags, 'error-threshold', 100, 'a percentage, 0 to 100', '1.0 (percent of the requests)');
    if (errorRateMax !== null && typeof errorRateMax !== 'number') return errorRateMax;
    const responseTimeMax = numberOf(flags, 'response-threshold', SLOWEST_MS, `a time in milliseconds up to ${SLOWEST_MS}`, '500');
    if (responseTimeMax !== null && typeof responseTimeMax !== 'number') return responseTimeMax;
    const own = intervalMs !== null || errorRateMax !== null || responseTimeMax !== null;
    const input: MonitorInput = {
      durationMs,
      deploymentId: null,
      tag: null,
      after: 'request',
      before: null,
      ...(own ? { terms: { intervalMs, errorRateMax, responseTimeMax } } : {}),
    };
    const said = Object.entries(flags).filter(([flag]) => flag !== 'env');
    const terms = [
      ...(intervalMs === null ? [] : [`every ${formatDuration(intervalMs)}`]),
      ...(errorRateMax === null ? [] : [`errors at most ${errorRateMax} %`]),
      ...(responseTimeMax === null ? [] : [`answers within ${responseTimeMax} ms`]),
    ];
    return untilSettled(() =>
      openRequest(context, {
        job: 'monitor',
        environment: environment.name,
        tag: null,
        input,
        options: Object.fromEntries(said),
        parentId: null,
        lock: { kind: 'none' },
        note: `watching ${environment.name} for ${formatDuration(durationMs)}${terms.length === 0 ? '' : `: ${terms.join(', ')}`}`,
      }),
    );
  },
};

/** null = not said. */
function lengthOf(flags: Words['flags'], flag: string, min: number, max: number): number | Refusal | null {
  const said = flags[flag];
  if (typeof said !== 'string') return null;
  const ms = /^\d+$/.test(said) ? Number(said) * 1_000 : parseDuration(said);
  if (ms !== null && ms >= min && ms <= max) return ms;
  const limits = min > 1 ? `from ${formatDuration(min)} to ${formatDuration(max)}` : `up to ${formatDuration(max)}`;
  return refuse('usage', `--${flag} "${said}" is not a length of time ${limits}`, 'Write 30 (seconds), 30s, 60m or 2h.');
}

function numberOf(flags: Words['flags'], flag: string, max: number, what: string, example: string): number | Refusal | null {
  const said = flags[flag];
  if (typeof said !== 'string') return null;
  const value = /^\d+(\.\d+)?$/.test(said) ? Number(said) : Number.NaN;
  return value >= 0 && value <= max ? value : refuse('usage', `--${flag} "${said}" is not ${what}`, `Write --${flag} ${example}.`);
}
