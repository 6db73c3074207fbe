import { join } from 'node:path';
import { EXIT } from '../cli/exit.ts';
import { BotError } from '../core/error.ts';
import { httpManifest } from '../slack/manifest.ts';
import { flagsOf, type RunVerb } from './verb.ts';

export const printManifest: RunVerb = async (options, words) => {
  const flags = flagsOf(words, { http: 'value' }, 'bin/dhash manifest [--http https://...]');
  const text = await options.readText(join(options.projectDir, 'manifest.yml'));
  if (text === null)
    throw new BotError({
      code: 'manifest-missing',
      message: 'manifest.yml is not beside package.json',
      hint: 'Check the installation out again.',
    });
  const { http } = flags;
  options.output.line((typeof http === 'string' ? httpManifest(text, http) : text).trimEnd());
  return EXIT.done;
};
