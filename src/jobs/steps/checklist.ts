import { z } from 'zod';
import { runChecklist } from '../../checks/registry.ts';
import { type Evidence, isPass } from '../../core/check.ts';
import { type DigestParts, digestOf, digestParts } from '../../core/digest.ts';
import type { Step, StepContext } from '../../core/job.ts';
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
    const passed = judged.evidence.every(isPass);
    const told = tell(context.job, 'checklist.judged', {
      evidence: judged.evidence,
      tag: judged.parts.tag,
      commit: judged.parts.commit,
      digest: judged.digest,
      passed,
    });
    if (!passed) return { kind: 'failed', failure: failedChecks(judged.evidence), events: [told] };
    const { commit } = judged.parts;
    const note = `${judged.evidence.length} of ${judged.evidence.length} checks pass`;
    return { kind: 'done', output: { commit, digest: judged.digest, parts: { ...judged.parts } }, note, events: [told] };
  },
};

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

export function failedChecks(evidence: readonly Evidence[]) {
  const bad = evidence.filter((item) => !isPass(item));
  const hints = bad.flatMap(({ result }) => (result.kind !== 'pass' && result.hint !== null ? [result.hint] : []));
  return {
    code: 'checklist-failed',
    message: bad.map(({ check, result }) => `${check}: ${result.kind} (${result.detail})`).join('; '),
    hint: hints[0] ?? 'Mend what is named, then ask again.',
    tail: [],
  };
}
