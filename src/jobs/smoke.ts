import type { JobDefinition } from '../core/job.ts';
import { endRequest } from './ending.ts';
import { smoke as smokeStep } from './steps/smoke.ts';

/** The smoke tests alone, against what is live. */
export const smoke: JobDefinition = {
  name: 'smoke',
  steps: [smokeStep],
  back: [],
  pointOfNoCancel: null,
  finish: endRequest,
};
