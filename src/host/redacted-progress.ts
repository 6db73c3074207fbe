// The side channel of a step's output leaves this process clean: redacted, and without anything that could drive a terminal.

import type { Store } from '../core/store.ts';
import { cleanLine } from './commands/output-lines.ts';
import type { Redact } from './redact.ts';

export function redactProgress(store: Store, redact: Redact): Store {
  return {
    ...store,
    showProgress: (jobId, progress) => {
      if (progress === null) return store.showProgress(jobId, null);
      const clean = (lines: readonly string[]) => lines.map((line) => cleanLine(line, redact));
      return store.showProgress(jobId, { ...progress, lines: clean(progress.lines), service: clean(progress.service) });
    },
  };
}
