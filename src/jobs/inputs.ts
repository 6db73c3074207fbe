// What each job is asked to do: written by commands and by jobs that follow one another, checked when read.

import { z } from 'zod';
import type { Job } from '../core/job.ts';
import { RULES } from '../core/rule.ts';
import type { Baseline } from '../core/sample.ts';

export const DeployInput = z.strictObject({
  tag: z.string(),
  monitor: z.boolean(),
  /** Why a tag that was rolled back goes out again; missing = it was not. */
  override: z.string().exactOptional(),
});
export type DeployInput = z.infer<typeof DeployInput>;

export const RollbackInput = z.strictObject({
  /** Backup file name: pinned when the rollback was asked for, never "the latest". */
  file: z.string(),
  toTag: z.string(),
  fromTag: z.string().nullable(),
  /** The deployment it leaves; null when none was live. */
  deploymentId: z.string().nullable(),
  emergency: z.boolean(),
  withData: z.boolean(),
  monitor: z.boolean(),
  /** Only the checksum is looked at beforehand, as in an emergency. */
  noVerify: z.boolean().optional(),
});
export type RollbackInput = z.infer<typeof RollbackInput>;

export const BackupInput = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('create'), kind: z.enum(['manual', 'nightly']) }),
  z.strictObject({ do: z.literal('verify'), file: z.string() }),
]);
export type BackupInput = z.infer<typeof BackupInput>;

export const baseline: z.ZodType<Baseline | null> = z
  .strictObject({ values: z.record(z.string(), z.number()), failing: z.array(z.string()) })
  .nullable();

export const MonitorInput = z.strictObject({
  durationMs: z.number(),
  /** The deployment to watch; null = whatever is live (asked from a shell). */
  deploymentId: z.string().nullable(),
  tag: z.string().nullable(),
  after: z.enum(['deploy', 'rollback', 'request']),
  /** Of this watch alone; null = as configured. */
  terms: z
    .strictObject({
      intervalMs: z.number().nullable(),
      /** Percent. */
      errorRateMax: z.number().nullable(),
      /** Milliseconds. */
      responseTimeMax: z.number().nullable(),
    })
    .optional(),
  /** What was measured before the switch; null = nothing was, or there was no switch. */
  before: baseline.default(null),
});
export type MonitorInput = z.infer<typeof MonitorInput>;

export const ArmInput = z.strictObject({
  deploymentId: z.string(),
  /** When to look: at the start of the watch and at half-time. */
  at: z.array(z.number()),
});
export type ArmInput = z.infer<typeof ArmInput>;

export const CountdownInput = z.strictObject({ deploymentId: z.string(), rule: z.enum(RULES) });
export type CountdownInput = z.infer<typeof CountdownInput>;

export const EscalationInput = z.strictObject({
  incident: z.string(),
  /** The deployment it is about: when another goes live nobody need be called. null = whatever is live. */
  deploymentId: z.string().nullable(),
  /** Whether it is over once nothing is bad any more; a rollback or a broken one wants to be seen by a person. */
  recovers: z.boolean(),
});
export type EscalationInput = z.infer<typeof EscalationInput>;

export const deployInput = (job: Job): DeployInput => DeployInput.parse(job.input);
export const rollbackInput = (job: Job): RollbackInput => RollbackInput.parse(job.input);
export const backupInput = (job: Job): BackupInput => BackupInput.parse(job.input);
export const monitorInput = (job: Job): MonitorInput => MonitorInput.parse(job.input);
export const armInput = (job: Job): ArmInput => ArmInput.parse(job.input);
export const countdownInput = (job: Job): CountdownInput => CountdownInput.parse(job.input);
export const escalationInput = (job: Job): EscalationInput => EscalationInput.parse(job.input);
