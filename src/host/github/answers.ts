// GitHub's forms as far as they are read here; everything else in them is let through unseen.

import { z } from 'zod';
import type { CheckRun, CommitStatus, ProtectedCheck } from '../../core/github.ts';
import type { Instant } from '../../core/time.ts';

const instant = z.iso.datetime({ offset: true }).transform((text): Instant => Date.parse(text));
const id = z.number().int();
const person = z.object({ login: z.string() }).nullish();
/** GitHub writes -1 or nothing where any app will do. */
const appId = id.nullish().transform((found) => (found == null || found < 0 ? null : found));

const wantedChecks = z.object({
  contexts: z.array(z.string()).default([]),
  checks: z.array(z.object({ context: z.string(), app_id: appId })).default([]),
});

export const branchForm = z.object({
  protected: z.boolean(),
  protection: z.object({ enabled: z.boolean().optional(), required_status_checks: wantedChecks.nullish() }).nullish(),
});

export const protectionForm = z.object({ required_status_checks: wantedChecks.nullish() });

const ruleForm = z.object({
  type: z.string(),
  parameters: z.object({ required_status_checks: z.array(z.object({ context: z.string(), integration_id: appId })).optional() }).nullish(),
});

const runForm = z.object({
  id,
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  started_at: instant.nullish(),
  completed_at: instant.nullish(),
  html_url: z.string().nullish(),
  app: z.object({ id, slug: z.string().default('') }).nullish(),
});

const statusForm = z.object({
  id,
  context: z.string(),
  state: z.enum(['error', 'failure', 'pending', 'success']),
  creator: person,
  created_at: instant,
  target_url: z.string().nullish(),
});

export const compareForm = z.object({ status: z.enum(['identical', 'behind', 'ahead', 'diverged']) });

const pullForm = z.object({
  number: id,
  html_url: z.string().nullish(),
  merged_at: z.string().nullish(),
  user: person,
  base: z.object({ ref: z.string() }),
});
export type PullForm = z.output<typeof pullForm>;

const reviewForm = z.object({ user: person, state: z.string() });

export function parsed<T>(form: z.ZodType<T>): (data: unknown) => T | null {
  return (data) => {
    const read = form.safeParse(data);
    return read.success ? read.data : null;
  };
}

const list = <T>(form: z.ZodType<T>) => parsed(z.array(form));

export const pullList = list(pullForm);

export function runsOf(data: unknown): readonly CheckRun[] | null {
  const rows = list(runForm)(data);
  return (
    rows?.map((run) => ({
      id: run.id,
      name: run.name,
      app: run.app ?? null,
      conclusion: run.status === 'completed' ? (run.conclusion ?? 'unknown') : null,
      startedAt: run.started_at ?? null,
      completedAt: run.completed_at ?? null,
      url: run.html_url ?? null,
    })) ?? null
  );
}

export function statusesOf(data: unknown): readonly CommitStatus[] | null {
  const rows = list(statusForm)(data);
  return (
    rows?.map((status) => ({
      id: status.id,
      name: status.context,
      state: status.state,
      by: status.creator?.login ?? null,
      at: status.created_at,
      url: status.target_url ?? null,
    })) ?? null
  );
}

export function reviewsOf(data: unknown): readonly { readonly by: string | null; readonly state: string }[] | null {
  return list(reviewForm)(data)?.map(({ user, state }) => ({ by: user?.login ?? null, state })) ?? null;
}

/** `checks` says more than `contexts`; an old server has only those. */
export function classicChecks(wanted: z.output<typeof wantedChecks> | null | undefined): readonly ProtectedCheck[] {
  if (wanted == null) return [];
  const checks = wanted.checks.map(({ context, app_id }) => ({ name: context, appId: app_id, by: 'protection' as const }));
  const bare = wanted.contexts.filter((name) => !checks.some((check) => check.name === name));
  return [...checks, ...bare.map((name) => ({ name, appId: null, by: 'protection' as const }))];
}

export function ruleChecks(data: unknown): readonly ProtectedCheck[] | null {
  const rules = list(ruleForm)(data);
  return (
    rules
      ?.filter(({ type }) => type === 'required_status_checks')
      .flatMap(({ parameters }) => parameters?.required_status_checks ?? [])
      .map(({ context, integration_id }) => ({ name: context, appId: integration_id, by: 'ruleset' as const })) ?? null
  );
}
