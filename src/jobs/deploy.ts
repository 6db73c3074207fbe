// A deploy, in the operations guide's own order. A failure before `switch` leaves the live version untouched; one after it goes back.

import type { JobDefinition } from '../core/job.ts';
import { alarmAfter, endRequest, watchAfter } from './ending.ts';
import { deployInput } from './inputs.ts';
import { approvals } from './steps/approvals.ts';
import { goBack } from './steps/back.ts';
import { backup } from './steps/backup.ts';
import { baseline, firstLook } from './steps/baseline.ts';
import { checklist } from './steps/checklist.ts';
import { lock } from './steps/lock.ts';
import { markers } from './steps/markers.ts';
import { prune } from './steps/prune.ts';
import { build, fetchRelease, migrate } from './steps/release.ts';
import { report } from './steps/report.ts';
import { ready, start } from './steps/slot.ts';
import { smoke } from './steps/smoke.ts';
import { drain, observe, switchTraffic } from './steps/switch.ts';
import { validate } from './steps/validate.ts';

export const deploy: JobDefinition = {
  name: 'deploy',
  steps: [
    checklist,
    firstLook,
    approvals,
    lock,
    validate,
    baseline,
    backup,
    fetchRelease,
    build,
    start,
    ready,
    migrate,
    switchTraffic,
    observe,
    drain,
    smoke,
    markers,
    prune,
    report,
  ],
  back: [...goBack, report],
  pointOfNoCancel: 'switch',
  finish: async (ended) => {
    const end = await endRequest(ended);
    const { tag, monitor } = deployInput(ended.job);
    const { environment, failure } = ended.job;
    if (failure !== null && goBack.some(({ name }) => name === failure.step))
      return alarmAfter(ended, end, {
        kind: 'emergency',
        about: `the deploy of ${tag} failed and could not be turned back in ${environment}: ${failure.message}`,
      });
    if (ended.outcome !== 'succeeded' || !monitor) return end;
    return watchAfter(ended, end, { tag, after: 'deploy' });
  },
};
