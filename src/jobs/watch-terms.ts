// A watch that was asked for by hand may have an interval and thresholds of its own.

import type { Config, Environment } from '../core/config.ts';
import type { StepContext } from '../core/job.ts';
import { monitorInput } from './inputs.ts';

/** The step's context with what this watch was asked to judge by. */
export function withTerms(context: StepContext): StepContext {
  const { terms } = monitorInput(context.job);
  if (terms === undefined) return context;
  const { environment, config } = context;
  return { ...context, environment: watchedEvery(environment, terms.intervalMs), config: judgedBy(config, terms) };
}

function watchedEvery(environment: Environment, intervalMs: number | null): Environment {
  return intervalMs === null ? environment : { ...environment, monitor: { ...environment.monitor, interval: intervalMs } };
}

function judgedBy(
  config: Config,
  { errorRateMax, responseTimeMax }: { readonly errorRateMax: number | null; readonly responseTimeMax: number | null },
): Config {
  const { performance } = config.qualityGates;
  const own = {
    ...performance,
    ...(errorRateMax === null ? {} : { errorRateMax }),
    ...(responseTimeMax === null ? {} : { responseTimeMax }),
  };
  return { ...config, qualityGates: { ...config.qualityGates, performance: own } };
}
