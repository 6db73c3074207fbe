import type { JobDefinition, JobName } from '../core/job.ts';
import { backup } from './backup.ts';
import { deploy } from './deploy.ts';
import { monitor } from './monitor.ts';
import { rollback } from './rollback.ts';
import { smoke } from './smoke.ts';

export const JOBS: Readonly<Record<JobName, JobDefinition>> = { deploy, rollback, backup, smoke, monitor };
