// The watch's own golden check: the declared videos, as they are now, against their sets.

import { judgeGolden, measureGolden } from '../../checks/quality-gates.ts';
import type { StepContext } from '../../core/job.ts';
import type { GateFacts } from '../../core/sample.ts';

/** What is kept with a sample and told in a line. */
const LONGEST_DETAIL = 500;

/** null = the environment declares no videos. */
export async function checkNewestOutput({ environment, config, ports, signal }: StepContext): Promise<GateFacts | null> {
  if (environment.media.checks.length === 0) return null;
  const { kind, detail } = judgeGolden(await measureGolden({ environment, config, ports }, signal));
  return { at: ports.clock.now(), verdict: kind, detail: detail.slice(0, LONGEST_DETAIL) };
}
