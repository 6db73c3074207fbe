// Going back to the pinned backup. Nothing that is red, locked or frozen may stop it; only a backup that is not what it claims to be can.

import type { JobDefinition } from '../core/job.ts';
import { alarmAfter, endRequest, watchAfter } from './ending.ts';
import { rollbackInput } from './inputs.ts';
import { goBack } from './steps/back.ts';
import { safetyBackup } from './steps/backup.ts';
import { markers } from './steps/markers.ts';
import { report } from './steps/report.ts';
import { ready, start } from './steps/slot.ts';
import { smokeAfterRollback } from './steps/smoke.ts';
import { drain, observe, switchTraffic } from './steps/switch.ts';
import { stopForData, takeOver, unpack, verifyTarget } from './steps/target.ts';
import { validate } from './steps/validate.ts';

export const rollback: JobDefinition = {
  name: 'rollback',
  steps: [
    takeOver,
    verifyTarget,
    validate,
    { ...safetyBackup, when: (job) => !rollbackInput(job).emergency },
    stopForData,
    unpack,
    start,
    ready,
    switchTraffic,
    observe,
    drain,
    smokeAfterRollback,
    markers,
    report,
  ],
  back: [...goBack, report],
  pointOfNoCancel: 'switch',
  finish: async (ended) => {
    const end = await endRequest(ended);
    const { environment, failure } = ended.job;
    const { fromTag, toTag, monitor } = rollbackInput(ended.job);
    const way = `${environment} from ${fromTag ?? 'nothing'} to ${toTag}`;
    if (ended.outcome === 'canceled') return end;
    if (ended.outcome === 'failed')
      return alarmAfter(ended, end, { kind: 'emergency', about: `the rollback of ${way} failed: ${failure?.message ?? 'unknown'}` });
    const told = await alarmAfter(ended, end, { kind: 'rolled-back', about: `rolled ${way}` });
    return monitor ? watchAfter(ended, told, { tag: toTag, after: 'rollback' }) : told;
  },
};
