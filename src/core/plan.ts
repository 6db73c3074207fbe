// Which steps of a job's declared list apply here, and where in them it stands. Pure.

import type { Environment } from './config.ts';
import type { Job, JobDefinition, Step } from './job.ts';

/** The list of the job's present direction, without the steps that have nothing to do here. */
export function plan(definition: JobDefinition, job: Job, environment: Environment): readonly Step[] {
  const list = job.direction === 'forward' ? definition.steps : definition.back;
  return list.filter((step) => applies(step, job, environment));
}

/** The step after `name` (null = the first one), or null when none is left. */
export function stepAfter(definition: JobDefinition, job: Job, environment: Environment, name: string | null): Step | null {
  const list = job.direction === 'forward' ? definition.steps : definition.back;
  const from = name === null ? 0 : list.findIndex((step) => step.name === name) + 1;
  return list.slice(from).find((step) => applies(step, job, environment)) ?? null;
}

/** "3 of 16": one-based, over the steps that apply. */
export function position(
  definition: JobDefinition,
  job: Job,
  environment: Environment,
  name: string,
): { readonly index: number; readonly of: number } {
  const steps = plan(definition, job, environment);
  return { index: steps.findIndex((step) => step.name === name) + 1, of: steps.length };
}

/** The outputs that survive a rewind: those of the steps before `to`. */
export function outputsBefore(definition: JobDefinition, job: Job, to: string): Job['outputs'] {
  const kept = new Set(
    definition.steps
      .slice(
        0,
        definition.steps.findIndex((step) => step.name === to),
      )
      .map((step) => step.name),
  );
  return Object.fromEntries(Object.entries(job.outputs).filter(([name]) => kept.has(name)));
}

/** May this cancel still turn the job back? A forced one always may; a person's only before the point of no cancel has begun. */
export function mayCancel(definition: JobDefinition, job: Job, force: boolean): boolean {
  if (job.direction === 'back' || job.finishedAt !== null) return false;
  if (force || definition.pointOfNoCancel === null) return true;
  const names = definition.steps.map((step) => step.name);
  const limit = names.indexOf(definition.pointOfNoCancel);
  const at = job.step === null ? (job.startedAt === null ? 0 : names.length) : names.indexOf(job.step);
  return at < limit || (at === limit && !job.inFlight);
}

function applies(step: Step, job: Job, environment: Environment): boolean {
  return step.when === undefined || step.when(job, environment);
}
