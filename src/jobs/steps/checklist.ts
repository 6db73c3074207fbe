import { z } from 'zod';
import { runChecklist } from '../../checks/registry.ts';
import { type Evidence, hinders, tally } from '../../core/check.ts';
import type { Config } from '../../core/config.ts';
import { type DigestParts, digestOf, digestParts } from '../../core/digest.ts';
import type { Step, StepContext } from '../../core/job.ts';
import { formatUtc, type Instant } from '../../core/time.ts';
import { commitsSince } from '../commits-since.ts';
import { deployInput } from '../inputs.ts';
import { outputOf, tell } from '../outputs.ts';
import { requestOf } from '../request-of.ts';

/** What the approvers are asked to approve. */
export const approved = outputOf(
  'checklist',
  z.strictObject({
    commit: z.string(),
    digest: z.string(),
    parts: z.strictObject({ environment: z.string(), tag: z.string(), commit: z.string(), config: z.string(), checklist: z.string() }),
  }),
);

export const checklist: Step = {
  name: 'checklist',
  title: 'Run the checklist',
  timeoutMs: 5 * 60_000,
  attempts: 1,
  afterCrash: 'rerun',
  run: async (context) => {
    const judged = await judgeChecklist(context, deployInput(context.job).tag, (await requestOf(context.store, context.job)).by.id);
    const passed = !judged.evidence.some(hinders);
    const waits = settlesAt(judged.evidence, { config: context.config, startedAt: context.startedAt, now: context.ports.clock.now() });
    if (waits !== null) return { kind: 'wait', ...waits };
    const commits = passed ? await commitsSince(context, judged.parts) : null;
    const told = tell(context.job, 'checklist.judged', {
      evidence: judged.evidence,
      tag: judged.parts.tag,
      commit: judged.parts.commit,
      digest: judged.digest,
      passed,
      ...(commits === null ? {} : { commits }),
    });
    if (!passed) return { kind: 'failed', failure: failedChecks(judged.evidence), events: [told] };
    const { commit } = judged.parts;
    const output = { commit, digest: judged.digest, parts: { ...judged.parts } };
    return { kind: 'done', output, note: tally(judged.evidence, 'checks pass'), events: [told] };
  },
};

/** When to look again, where everything that does not pass settles by itself; null = what there is, is final. */
export function settlesAt(
  evidence: readonly Evidence[],
  { config, startedAt, now }: { readonly config: Pick<Config, 'github'>; readonly startedAt: Instant; readonly now: Instant },
): { readonly until: Instant; readonly why: string } | null {
  const open = evidence.filter(hinders);
  const times = open.flatMap(({ result }) => (result.kind === 'unknown' && result.askAgainAt !== undefined ? [result.askAgainAt] : []));
  const deadline = startedAt + (config.github?.waitForChecks ?? 0);
  if (open.length === 0 || times.length < open.length || now >= deadline) return null;
  // No detail of these has a running clock in it, so that a wait is told once and not each time it is looked at.
  const about = open.map(({ check, result }) => `${check}: ${result.detail}`).join('; ');
  const until = Math.min(Math.max(now + 1_000, ...times), deadline);
  return { until, why: `waits until ${formatUtc(deadline).slice(11, 16)} UTC at most: ${about}` };
}

export interface JudgedChecklist {
  readonly evidence: readonly Evidence[];
  readonly parts: DigestParts;
  readonly digest: string;
}

/** Resolves the tag and runs every check but the approvals, which come after it. */
export async function judgeChecklist(
  context: Pick<StepContext, 'environment' | 'config' | 'ports' | 'store'>,
  tag: string,
  by: string,
): Promise<JudgedChecklist> {
  const { environment, config, ports, store } = context;
  const commit = await ports.releases.resolve(environment, tag);
  const items = environment.checklist.filter((item) => item !== 'approvals');
  const evidence = await runChecklist({ environment, config, store, ports, now: ports.clock.now(), request: { tag, commit, by } }, items);
  const parts = digestParts({ environment, qualityGates: config.qualityGates, tag, commit, evidence });
  return { evidence, parts, digest: digestOf(parts) };
}

function failedChecks(evidence: readonly Evidence[]) {
  const bad = evidence.filter(hinders);
  const hints = bad.flatMap(({ result }) => ('hint' in result && result.hint !== null ? [result.hint] : []));
  return {
    code: 'checklist-failed',
    message: bad.map(({ check, result }) => `${check}: ${result.kind} (${result.detail})`).join('; '),
    hint: hints[0] ?? 'Mend what is named, then ask again.',
    tail: [],
  };
}
