import type { Environment } from '../core/config.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import { closest } from '../core/suggest.ts';
import type { CommandContext } from './command.ts';

/** The named environment, or the default one when none was named. */
export function environmentOf({ config }: Pick<CommandContext, 'config'>, name: string | true | undefined): Environment | Refusal {
  const wanted = typeof name === 'string' ? name : config.defaultEnvironment;
  const found = Object.hasOwn(config.environments, wanted) ? config.environments[wanted] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(config.environments);
  const near = closest(wanted, names);
  return refuse(
    'unknown_environment',
    `there is no environment "${wanted}"`,
    near === null ? `Known: ${names.join(', ')}.` : `Did you mean ${near}?`,
  );
}

/** Tells the two apart: a refusal has `kind: 'refused'`, an environment has no kind. */
export function isRefusal(value: object): value is Refusal {
  return 'kind' in value && value.kind === 'refused';
}
