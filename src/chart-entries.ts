// The charts of the story: which event brings one, with the samples that it shows.

import type { Config } from './core/config.ts';
import type { StoredEvent } from './core/event.ts';
import type { NewOutboxEntry } from './core/mailbox.ts';
import type { StoreReader } from './core/store.ts';
import { writeUpload } from './slack/send-chart.ts';
import { chartLimits } from './templates/chart.ts';
import { chartDue, chartUpload } from './templates/chart-news.ts';

/** What one event adds to the queue beside its words, given the whole story of its request; null = no chart. */
export type ChartEntries = (told: StoredEvent, story: readonly StoredEvent[]) => Promise<NewOutboxEntry | null>;

export function createChartEntries({
  store,
  config,
}: {
  readonly store: Pick<StoreReader, 'samples'>;
  readonly config: Config;
}): ChartEntries {
  return async (told, story) => {
    const due = chartDue(told, story);
    if (due === null || due.watch.jobId === null || due.watch.environment === null) return null;
    const samples = await store.samples(due.watch.jobId, 0);
    // A watch that ended before its first look has nothing to show.
    if (samples.length === 0) return null;
    const upload = chartUpload(due, told, story, samples, chartLimits(config, due.watch.environment));
    return {
      key: due.key,
      channel: config.slack.channel,
      to: { kind: 'chart', request: due.request },
      content: writeUpload(upload),
      at: due.at,
    };
  };
}

/** What the first of them has to add. */
export function firstOf(entries: readonly ChartEntries[]): ChartEntries {
  return async (told, story) => {
    for (const entry of entries) {
      const found = await entry(told, story);
      if (found !== null) return found;
    }
    return null;
  };
}
