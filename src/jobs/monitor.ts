// The watch. It lives in wall-clock time: a restart changes neither its end nor what it has seen.

import type { Job, JobDefinition, Step } from '../core/job.ts';
import { endRequest } from './ending.ts';
import { monitorInput } from './inputs.ts';
import { tell } from './outputs.ts';
import { closeWatch } from './steps/close-watch.ts';
import { report } from './steps/report.ts';
import { watch } from './steps/watch.ts';
import { withTerms } from './watch-terms.ts';

const window: Step = {
  name: 'window',
  title: 'Open the watch',
  timeoutMs: 10_000,
  attempts: 1,
  afterCrash: 'rerun',
  run: async (context) => {
    const { job, environment, ports, store, startedAt } = withTerms(context);
    const input = monitorInput(job);
    const live = await store.liveDeployment(environment.name);
    const deploymentId = input.deploymentId ?? live?.id;
    const tag = input.tag ?? live?.tag ?? (await ports.traffic.version(environment));
    if (tag === null || tag === undefined) return nothingLive(environment.name);
    const until = startedAt + input.durationMs;
    return {
      kind: 'done',
      output: { from: startedAt, until, deploymentId: deploymentId ?? 'unrecorded', tag },
      events: [
        tell(job, 'monitor.started', { deploymentId: deploymentId ?? 'unrecorded', tag, until, intervalMs: environment.monitor.interval }),
      ],
    };
  },
};

export const monitor: JobDefinition = {
  name: 'monitor',
  // The report says how the watch ended; the deploy's own was written before it began.
  steps: [window, watch, report],
  back: [closeWatch, report],
  pointOfNoCancel: null,
  // A watch asked for by itself ends its request; the one after a deploy belongs to a request that has ended already.
  finish: async (ended) => (standsAlone(ended.job) ? endRequest(ended) : { changes: [], events: [] }),
};

function standsAlone(job: Job): boolean {
  return monitorInput(job).after === 'request';
}

function nothingLive(environment: string) {
  return {
    kind: 'failed' as const,
    failure: { code: 'nothing-live', message: `nothing is live in ${environment}: there is nothing to watch`, hint: null, tail: [] },
  };
}
