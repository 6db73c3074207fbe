// The log of a step that failed, as a file for its thread: whoever is called at night reads it before finding a shell.

import { join } from 'node:path';
import type { ChartEntries } from './chart-entries.ts';
import { escapeActing } from './core/acting.ts';
import type { Config } from './core/config.ts';
import { logParts } from './core/output.ts';
import type { Files } from './core/ports.ts';
import { writeUpload } from './slack/send-chart.ts';

/** It waits in the queue until Slack has it. */
const MOST_CHARACTERS = 256 * 1024;

export function createLogEntries({ files, config }: { readonly files: Pick<Files, 'read'>; readonly config: Config }): ChartEntries {
  return async (told) => {
    if (told.type !== 'step.failed' || told.data.retrying || told.jobId === null || told.requestId === null) return null;
    const { step } = told.data.failure;
    const log = await logOf(files, join(config.dataDir, 'logs', `job-${told.jobId}.log`), step);
    if (log === null) return null;
    return {
      key: `log:${told.requestId}:${told.seq}`,
      channel: config.slack.channel,
      to: { kind: 'chart', request: told.requestId },
      content: writeUpload({
        filename: `${told.requestId}-${step}.log`,
        title: `Everything that "${step}" printed`,
        alt: `The log of the step ${step} of ${told.requestId}.`,
        log,
      }),
      at: told.at,
    };
  };
}

/** All attempts of the step; null = it printed nothing, or its file cannot be read, which is no reason to keep the story back. */
async function logOf(files: Pick<Files, 'read'>, path: string, step: string): Promise<string | null> {
  const text = await files.read(path).catch(() => null);
  const parts = logParts(text ?? '').filter((part) => part.step === step);
  if (parts.length === 0) return null;
  const log = parts.flatMap(({ title, lines }) => [`=== ${title}`, ...lines.map(escapeActing)]).join('\n');
  if (log.length <= MOST_CHARACTERS) return `${log}\n`;
  return `(${log.length - MOST_CHARACTERS} characters before this: bin/dhash log)\n${log.slice(-MOST_CHARACTERS).toWellFormed()}\n`;
}
