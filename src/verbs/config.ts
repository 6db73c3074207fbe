import { EXIT } from '../cli/exit.ts';
import { load, type RunVerb, usage } from './verb.ts';

export const checkConfig: RunVerb = async (options, words) => {
  if (words.join(' ') !== 'check') throw usage('bin/dhash config check');
  const { config } = await load(options);
  options.output.line(`The configuration is good: ${Object.keys(config.environments).join(', ')}.`);
  return EXIT.done;
};
