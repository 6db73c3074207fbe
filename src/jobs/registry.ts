import type { JobDefinition, JobName } from '../core/job.ts';
import { arm } from './arm.ts';
import { backup } from './backup.ts';
import { countdown } from './countdown.ts';
import { deploy } from './deploy.ts';
import { escalation } from './escalation.ts';
import { monitor } from './monitor.ts';
import { rollback } from './rollback.ts';
import { smoke } from './smoke.ts';

export const JOBS: Readonly<Record<JobName, JobDefinition>> = { deploy, rollback, backup, smoke, monitor, arm, countdown, escalation };
