// What a chart of a watch shows, before anything has drawn it. Plain JSON, so that it can wait in a queue.

import type { Instant } from './time.ts';

export type ChartFacts = {
  /** "v2.1.0 in production" */
  readonly title: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly panels: readonly ChartPanel[];
  readonly marks: readonly ChartMark[];
};

export type ChartPanel = {
  readonly label: string;
  readonly unit: string;
  /** Above these it warns, and above those it goes back; null = no such limit. */
  readonly warnAbove: number | null;
  readonly backAbove: number | null;
  /** null = not measured: the line has a gap there. */
  readonly points: readonly (readonly [Instant, number | null])[];
};

export type ChartMark = {
  readonly at: Instant;
  readonly kind: 'switch' | 'breach' | 'recovery' | 'rollback';
};

export type ChartTheme = 'light' | 'dark';

/** A picture for the thread, as it waits in the outbox; the bytes are drawn when it is sent. */
export type ChartUpload = {
  readonly filename: string;
  readonly title: string;
  readonly alt: string;
  readonly chart: ChartFacts;
};

/** A text for the thread, as it waits in the outbox. */
export type LogUpload = Omit<ChartUpload, 'chart'> & { readonly log: string };

export interface Charts {
  /** `prefix` makes the ids inside unique, so that several charts can stand in one page. The same facts give the same text. */
  readonly svg: (facts: ChartFacts, theme: ChartTheme, prefix: string) => Promise<string>;
  /** For the thread: on an opaque card, readable on a light page and on a dark one. The same facts give the same bytes. */
  readonly png: (facts: ChartFacts) => Promise<Uint8Array>;
}
