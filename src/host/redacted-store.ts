// What leaves this process for the database leaves it clean: events and what a step prints, redacted; the latter also without what could drive a
// terminal. State that is read back to act on (outputs, digests) stays as it is.

import type { NewEvent } from '../core/event.ts';
import type { Json } from '../core/json.ts';
import type { Inbox } from '../core/mailbox.ts';
import type { Store } from '../core/store.ts';
import { cleanLine } from './commands/output-lines.ts';
import { type Redact, redactTexts } from './redact.ts';

export function redactStore(store: Store, redact: Redact): Store {
  const told = (event: NewEvent): NewEvent => ({ ...event, data: redactTexts(event.data, redact) }) as NewEvent;
  return {
    ...store,
    commit: (changes, events, now) => store.commit(changes, events.map(told), now),
    showProgress: (jobId, progress) => {
      if (progress === null) return store.showProgress(jobId, null);
      const clean = (lines: readonly string[]) => lines.map((line) => cleanLine(line, redact));
      return store.showProgress(jobId, { ...progress, lines: clean(progress.lines), service: clean(progress.service) });
    },
  };
}

/** A secret that somebody typed by mistake is not even kept until it is read. */
export function redactInbox(inbox: Inbox, redact: Redact): Inbox {
  return { ...inbox, receive: (received) => inbox.receive({ ...received, payload: redactTexts(received.payload, redact) as Json }) };
}
