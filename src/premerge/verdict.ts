// What the outcomes of all stages amount to. A skip is always said, and passes only where the configuration lets it.

import type { PremergeReport, StageReport } from '../checks/premerge-report.ts';
import type { PremergeStage } from '../core/config.ts';

export type Judged = Pick<PremergeReport, 'verdict' | 'why'>;

export function verdictOf(
  stages: readonly Pick<StageReport, 'name' | 'outcome' | 'evidence'>[],
  maySkip: readonly PremergeStage[],
): Judged {
  const names = (outcome: StageReport['outcome']) => stages.filter((stage) => stage.outcome === outcome).map(({ name }) => name);
  const failed = stages.filter(({ outcome }) => outcome === 'failed');
  const passed = names('passed');
  const skipped = names('skipped');
  const notRun = names('not-run');
  const wanted = skipped.filter((name) => !maySkip.includes(name) && name !== 'stop');
  const counted = `${passed.length} of ${stages.length} stages passed`;
  const also = [
    ...failed.map(({ name, evidence }) => `${name} failed: ${evidence}`),
    ...(wanted.length === 0 ? [] : [`skipped, and not in premerge.maySkip: ${wanted.join(', ')}`]),
    ...(notRun.length === 0 ? [] : [`not run: ${notRun.join(', ')}`]),
  ];
  if (also.length > 0 || passed.length === 0) return { verdict: 'failed', why: [...also, counted].join('; ') };
  if (skipped.length > 0) return { verdict: 'passed-with-skips', why: `${counted}, skipped: ${skipped.join(', ')}` };
  return { verdict: 'passed', why: counted };
}
