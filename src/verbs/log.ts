// Prints what the steps of a request printed: all of them, or one step with all its attempts.

import { join } from 'node:path';
import { EXIT } from '../cli/exit.ts';
import { type LogPart, logParts } from '../core/output.ts';
import { closest } from '../core/suggest.ts';
import { clean } from '../templates/text.ts';
import { composeShell } from './shell.ts';
import { load, type ProgramOptions, type RunVerb, usage } from './verb.ts';

const USAGE = 'bin/dhash log REQUEST [STEP]';

export const log: RunVerb = async (options, words) => {
  const [id, step] = words;
  if (id === undefined || words.length > 2 || words.some((word) => word.startsWith('--'))) throw usage(USAGE);
  const loaded = await load(options);
  const { opened } = composeShell(options, loaded, null);
  try {
    const { store } = opened;
    if ((await store.request(id)) === null) {
      const near = closest(
        id,
        (await store.requests({ limit: 50 })).map((request) => request.id),
      );
      options.output.trouble(`there is no request "${clean(id.slice(0, 40))}"`);
      options.output.trouble(near === null ? 'See them all: bin/dhash history' : `Did you mean ${near}?`);
      return EXIT.refused;
    }
    const parts: LogPart[] = [];
    for (const job of (await store.jobs({ requestId: id })).toReversed())
      parts.push(...logParts((await options.readText(join(loaded.config.dataDir, 'logs', `job-${job.id}.log`))) ?? ''));
    return print(options, id, step ?? null, parts);
  } finally {
    opened.close();
  }
};

function print({ output }: ProgramOptions, id: string, step: string | null, parts: readonly LogPart[]) {
  const wanted = step === null ? parts : parts.filter((part) => part.step === step);
  if (wanted.length === 0) {
    const named = [...new Set(parts.map((part) => part.step))].filter((name) => name !== '');
    output.trouble(step === null ? `no step of ${id} has printed anything` : `step "${clean(step)}" of ${id} has printed nothing`);
    if (named.length > 0) output.trouble(`These have: ${named.join(', ')}.`);
    return EXIT.failed;
  }
  for (const { title, lines } of wanted) {
    output.line(`=== ${clean(title)}`);
    for (const line of lines) output.line(clean(line));
  }
  return EXIT.done;
}
