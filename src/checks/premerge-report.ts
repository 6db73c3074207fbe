// report.json of a pre-merge run: written by the run, read by a deploy's checklist.

import { z } from 'zod';
import { PREMERGE_STAGES } from '../core/config.ts';

const stage = z.strictObject({
  name: z.enum(PREMERGE_STAGES),
  title: z.string(),
  outcome: z.enum(['passed', 'failed', 'skipped', 'not-run']),
  durationMs: z.number(),
  evidence: z.string(),
  hint: z.string().nullable(),
  /** Last lines of what was printed, when it failed. */
  tail: z.array(z.string()),
});

const premergeReport = z.strictObject({
  schema: z.literal(1),
  folder: z.string(),
  environment: z.string(),
  commit: z.string().nullable(),
  /** The release tag at the commit, if there is one. */
  tag: z.string().nullable(),
  /** null = nobody could look. */
  dirty: z.boolean().nullable(),
  startedAt: z.number(),
  started: z.string(),
  /** null = it runs, or was killed. */
  endedAt: z.number().nullable(),
  ended: z.string().nullable(),
  verdict: z.enum(['unfinished', 'passed', 'passed-with-skips', 'failed']),
  /** The verdict as a sentence. */
  why: z.string(),
  stages: z.array(stage),
});

export type PremergeReport = z.infer<typeof premergeReport>;
export type StageReport = z.infer<typeof stage>;

/** null = not such a report. */
export function parsePremergeReport(text: string): PremergeReport | null {
  try {
    const read = premergeReport.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
