import type { Judging } from '../checks/breach.ts';
import type { Config, Environment } from '../core/config.ts';

/** What a watch of this environment is judged by, as configured now. */
export function judgingOf({
  config,
  environment,
}: {
  readonly config: Pick<Config, 'qualityGates'>;
  readonly environment: Environment;
}): Judging {
  const { rollback, monitor } = environment;
  return { qualityGates: config.qualityGates, rollback, interval: monitor.interval, disk: monitor.disk };
}
