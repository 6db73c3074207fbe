// `bin/dhash golden`: the golden tool with the real world around it: a dhash.yml where there is one, else only the gates of the project.

import { join, resolve } from 'node:path';
import { asBotError } from '../core/error.ts';
import { createClock } from '../host/clock.ts';
import { writeDurably } from '../host/files.ts';
import { createMedia } from '../host/media/media.ts';
import { GOLDEN_EXIT, runGoldenTool } from './golden-tool.ts';
import { load, type RunVerb } from './verb.ts';

export const golden: RunVerb = async (options, words) => {
  const { env, projectDir, readText, output, signal } = options;
  try {
    const isConfigured = env['DHASH_CONFIG'] !== undefined || (await readText(resolve('dhash.yml'))) !== null;
    const loaded = isConfigured ? await load(options) : null;
    return await runGoldenTool({
      words,
      cwd: resolve('.'),
      configured: loaded === null ? null : { gates: loaded.config.qualityGates, dataDir: loaded.config.dataDir },
      bundledGates: join(projectDir, 'quality-gates.json'),
      media: createMedia({ env }),
      files: { read: readText, write: writeDurably },
      clock: createClock(),
      output,
      signal,
    });
  } catch (thrown) {
    // Not the program's own way: a configuration that is wrong is "could not run" here, for 2 means that a gate failed.
    const { message, hint } = asBotError(thrown);
    output.trouble(`dhash golden: ${message}`);
    if (hint !== null) output.trouble(hint);
    return GOLDEN_EXIT.error;
  }
};
