// Carries the stages, in their order. Every stage gets an outcome: one that could not be tried says why.

import { join } from 'node:path';
import type { PremergeReport, StageReport } from '../checks/premerge-report.ts';
import { asBotError } from '../core/error.ts';
import { formatDuration, formatUtc } from '../core/time.ts';
import { ARTIFACTS, REPORT } from './artifacts.ts';
import type { Found, PremergeContext, Stage, StageOutcome } from './stage.ts';
import { verdictOf } from './verdict.ts';

export interface PremergeRun extends Omit<PremergeContext, 'found' | 'log'> {
  readonly stages: readonly Stage[];
  /** One line a stage, as it ends. */
  readonly print: (line: string) => void;
}

/** Never throws for what a stage does; only an artifact folder that cannot be written ends it at once. */
export async function runPremerge(run: PremergeRun): Promise<PremergeReport> {
  const { ports, stages } = run;
  const startedAt = ports.clock.now();
  const logs = new Map<string, string[]>(Object.values(ARTIFACTS).map((file) => [file, []]));
  const done: StageReport[] = [];
  let found: Found = {};
  await save(run, reportOf(run, startedAt, null, found, done));
  for (const stage of stages) {
    const file = ARTIFACTS[stage.name];
    const lines = logs.get(file) ?? [];
    const log = (line: string) => void lines.push(line);
    lines.push(`== ${stage.title}`);
    const hindrance = hindranceOf(stage, done, run.signal);
    const begun = ports.clock.now();
    const outcome = hindrance ?? (await attempt(stage, { ...run, found, log }));
    if (outcome.kind === 'passed') found = { ...found, ...outcome.found };
    const report = stageReport(stage, outcome, ports.clock.now() - begun);
    done.push(report);
    log(`== ${report.outcome}: ${report.evidence}`);
    await ports.files.write(join(run.artifacts, file), `${lines.join('\n')}\n`);
    tell(run, report, done.length);
  }
  const report = reportOf(run, startedAt, ports.clock.now(), found, done);
  await save(run, report);
  return report;
}

async function attempt(stage: Stage, context: PremergeContext): Promise<StageOutcome> {
  try {
    return await stage.run(context);
  } catch (thrown) {
    const { message, hint, tail } = asBotError(thrown);
    for (const line of [message, ...(hint === null ? [] : [hint])]) context.log(line);
    return { kind: 'failed', evidence: message, hint, tail };
  }
}

type NotTried = { readonly kind: 'not-run' | 'skipped'; readonly evidence: string };

function hindranceOf(stage: Stage, done: readonly StageReport[], signal: AbortSignal): NotTried | null {
  if (stage.always === true) return null;
  if (signal.aborted) return { kind: 'not-run', evidence: 'the run was interrupted' };
  const missing = done.filter((before) => stage.needs.includes(before.name) && !isGood(before));
  const [first] = missing;
  if (first === undefined) return null;
  const kind = missing.every(({ outcome }) => outcome === 'skipped') ? 'skipped' : 'not-run';
  return { kind, evidence: `it needs "${first.title}", which ${HOW[first.outcome]}` };
}

const HOW: Readonly<Record<StageReport['outcome'], string>> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'was skipped',
  'not-run': 'did not run',
};

/** What had nothing declared does not hinder; a copy that was not started does. */
function isGood({ name, outcome }: StageReport): boolean {
  return outcome === 'passed' || (outcome === 'skipped' && name !== 'start');
}

function stageReport({ name, title }: Stage, outcome: StageOutcome | NotTried, durationMs: number): StageReport {
  const failed = outcome.kind === 'failed' ? outcome : null;
  const { kind, evidence } = outcome;
  return { name, title, outcome: kind, durationMs, evidence, hint: failed?.hint ?? null, tail: [...(failed?.tail ?? [])] };
}

function reportOf(
  run: PremergeRun,
  startedAt: number,
  endedAt: number | null,
  found: Found,
  stages: readonly StageReport[],
): PremergeReport {
  const judged =
    endedAt === null ? ({ verdict: 'unfinished', why: 'it has not ended' } as const) : verdictOf(stages, run.config.premerge.maySkip);
  return {
    schema: 1,
    folder: run.folder,
    environment: run.environment.name,
    commit: found.commit ?? null,
    tag: found.tag ?? null,
    dirty: found.dirty ?? null,
    startedAt,
    started: formatUtc(startedAt),
    endedAt,
    ended: endedAt === null ? null : formatUtc(endedAt),
    ...judged,
    stages: [...stages],
  };
}

function save({ artifacts, ports }: PremergeRun, report: PremergeReport): Promise<void> {
  return ports.files.write(join(artifacts, REPORT), `${JSON.stringify(report, null, 2)}\n`);
}

const WORDS: Readonly<Record<StageReport['outcome'], string>> = { passed: 'OK', failed: 'FAIL', skipped: 'SKIPPED', 'not-run': 'NOT RUN' };

function tell({ print, stages }: PremergeRun, { title, outcome, evidence, durationMs, hint, tail }: StageReport, index: number): void {
  const took = outcome === 'passed' || outcome === 'failed' ? ` (${formatDuration(durationMs)})` : '';
  print(`[${String(index).padStart(2)}/${stages.length}] ${WORDS[outcome].padEnd(7)} ${title}: ${evidence}${took}`);
  if (hint !== null) print(`                ${hint}`);
  for (const line of tail.slice(-12)) print(`              | ${line}`);
}
