// A short watch of the scratch copy, judged by the code that judges the real one.

import { blindSources, breachedGates, judgeWatch, newWatch, type WatchState } from '../../checks/breach.ts';
import { GATES } from '../../checks/gates.ts';
import type { Scrape } from '../../checks/scrape.ts';
import { takeSample } from '../../checks/watch.ts';
import type { Measure } from '../../core/event.ts';
import { formatDuration, formatUtc } from '../../core/time.ts';
import { judgingOf } from '../../jobs/judging.ts';
import { need, type PremergeContext, type Stage } from '../stage.ts';
import { scratchUrl } from './scratch-slot.ts';

const LOOKS = 10;
const SHORTEST_INTERVAL_MS = 50;
/** How loaded this machine is says nothing about the service. */
const HOST_GATES = ['cpu', 'memory', 'disk'];
const UNLOADED = async () => ({ cpu: null, memory: null });
const NO_GAUGES = { host: UNLOADED, tree: UNLOADED, disk: async () => null };

export const monitor: Stage = {
  name: 'monitor',
  title: 'Short watch',
  needs: ['start'],
  run: async (context) => {
    const { ports, config, signal, log, key } = context;
    const duration = config.premerge.monitor;
    const environment = watched(context);
    const { interval } = environment.monitor;
    let state = newWatch(need(context, 'version'));
    let scrape: Scrape | null = null;
    let measures: readonly Measure[] = [];
    let slowestMs = 0;
    const end = ports.clock.now() + duration;
    for (;;) {
      const look = await takeSample({ environment, config, ports: { ...ports, gauges: NO_GAUGES }, job: { id: key }, signal }, scrape);
      if (signal.aborted) return { kind: 'failed', evidence: 'it was interrupted', hint: null };
      scrape = look.scrape;
      const judged = judgeWatch(state, look.sample, judgingOf({ config, environment }));
      state = judged.state;
      slowestMs = Math.max(slowestMs, look.sample.probeMs ?? 0);
      measures = judged.measures.filter(({ gate }) => !HOST_GATES.includes(gate));
      log(`${formatUtc(look.sample.at)} ${measures.map(said).join('; ')}`);
      if (ports.clock.now() >= end) break;
      await ports.clock.sleep(Math.min(interval, end - ports.clock.now()), signal);
    }
    const trouble = troubleOf(state);
    const evidence = [
      `${trouble ?? `${state.checks} checks, nothing failed`} in ${formatDuration(duration)}`,
      `slowest health answer ${slowestMs} ms`,
      ...values(measures),
    ].join('; ');
    if (trouble === null) return { kind: 'passed', evidence };
    return {
      kind: 'failed',
      evidence,
      hint: 'Every look is in monitor_logs/monitor.log, what the service printed in monitor_logs/service.log.',
    };
  },
};

/** Less is asked than of a real watch: nobody sends a scratch copy requests, so that rates are not measured. null = all is well. */
function troubleOf(state: WatchState): string | null {
  if (state.gates.health.passed === 0) return 'health was never seen good';
  const breached = breachedGates(state);
  if (breached.length > 0) return `breached: ${breached.join(', ')}`;
  const blind = blindSources(state).filter((source) => source !== 'host');
  if (blind.length > 0) return `out of sight: ${blind.join(', ')}`;
  const failing = GATES.filter((gate) => state.gates[gate].last === 'fail');
  return failing.length > 0 ? `failing at the last check: ${failing.join(', ')}` : null;
}

/** The configured addresses lead to what is live: here they are asked of the scratch copy. */
function watched(context: PremergeContext) {
  const { environment, config } = context;
  const here = (url: string) => new URL(new URL(url).pathname + new URL(url).search, scratchUrl(context)).href;
  const { health, metrics, interval } = environment.monitor;
  return {
    ...environment,
    monitor: {
      ...environment.monitor,
      health: here(health),
      metrics: metrics === null ? null : here(metrics),
      interval: Math.max(SHORTEST_INTERVAL_MS, Math.min(interval, config.premerge.monitor / LOOKS)),
    },
  };
}

/** Without traffic there are no response times: what was not measured is said. */
function values(measures: readonly Measure[]): readonly string[] {
  const measured = measures.filter(({ state }) => state === 'pass' || state === 'fail').map(({ label, value }) => `${label} ${value}`);
  const open = measures.filter(({ state }) => state !== 'pass' && state !== 'fail').map(({ label }) => label);
  return [measured.join(', '), ...(open.length === 0 ? [] : [`not measured: ${open.join(', ')}`])].filter((text) => text !== '');
}

function said({ label, value, threshold, state }: Measure): string {
  return `${label}: ${value} (want ${threshold}) ${state}`;
}
