// The golden tool with the real world around it: a dhash.yml where there is one, else only the gates of the project.

import { join, resolve } from 'node:path';
import type { Output } from './cli/output.ts';
import type { Loaded } from './config/load.ts';
import { asBotError } from './core/error.ts';
import type { Files } from './core/ports.ts';
import { GOLDEN_EXIT, type GoldenExit, runGoldenTool } from './golden-tool.ts';
import { createClock } from './host/clock.ts';
import { writeDurably } from './host/files.ts';
import { createMedia } from './host/media/media.ts';

interface OpenGoldenTool {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly projectDir: string;
  readonly readText: Files['read'];
  readonly load: () => Promise<Loaded>;
  readonly output: Output;
  readonly signal: AbortSignal;
}

export async function openGoldenTool({ words, env, projectDir, readText, load, output, signal }: OpenGoldenTool): Promise<GoldenExit> {
  try {
    const named = env['DHASH_CONFIG'];
    const isConfigured = named !== undefined || (await readText(resolve('dhash.yml'))) !== null;
    const loaded = isConfigured ? await load() : null;
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
    const { message, hint } = asBotError(thrown);
    output.trouble(`dhash golden: ${message}`);
    if (hint !== null) output.trouble(hint);
    return GOLDEN_EXIT.error;
  }
}
