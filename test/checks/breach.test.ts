import { describe, expect, test } from 'vitest';
import { certify, judgeWatch, newWatch, verdictOf, type WatchEvent, type WatchState } from '../../src/checks/breach.ts';
import { QUIET } from '../../src/checks/rates.ts';
import type { QualityGates } from '../../src/core/config.ts';
import type { Sample } from '../../src/core/sample.ts';
import { good } from './support.ts';

const GATES: QualityGates = {
  audio: { lufsTolerance: 1, truePeakTolerance: 1 },
  video: { ssimThreshold: 0.995, frameRateTolerance: 0.1, resolution: { width: 1920, height: 1080 } },
  performance: { responseTimeMax: 200, errorRateMax: 0.1, cpuUsageMax: 70, memoryUsageMax: 80 },
  monitoring: { checkInterval: 30_000, failureThreshold: 3, recoveryThreshold: 5 },
};

const bad: Sample = { ...good, errorRate: 0.4 };
const quiet: Sample = { ...good, errorRate: null, responseMs: null, missing: { errorRate: QUIET.traffic, responseMs: QUIET.traffic } };
const lost: Sample = {
  ...good,
  errorRate: null,
  responseMs: null,
  missing: { errorRate: 'ECONNREFUSED: x', responseMs: 'ECONNREFUSED: x' },
};
const down: Sample = { ...good, healthy: false, version: null, missing: { version: 'ECONNREFUSED: x' } };
const unasked: Sample = { ...good, healthy: null, version: null, missing: { healthy: 'aborted: x' } };
const nameless: Sample = { ...good, version: null, missing: { version: 'the answer has no field version' } };

/** Each event as "check number: kind gate count". */
function watch(samples: readonly Sample[]): { readonly state: WatchState; readonly story: readonly string[] } {
  let state = newWatch('v2.1.0');
  const story: string[] = [];
  for (const [index, sample] of samples.entries()) {
    // What is checkpointed comes back from JSON.
    const judged = judgeWatch(JSON.parse(JSON.stringify(state)), sample, GATES);
    state = judged.state;
    story.push(...judged.events.map((told) => `${index + 1}: ${inWords(told)}`));
  }
  return { state, story };
}

function inWords(told: WatchEvent): string {
  if (told.kind === 'breached') return `${told.gate} breached after ${told.failures}`;
  if (told.kind === 'recovered') return `${told.gate} recovered after ${told.passes}`;
  if (told.kind === 'rule-met' || told.kind === 'rule-cleared') return `${told.rule} ${told.kind}`;
  return `${told.source} ${told.kind} after ${told.checks}`;
}

const times = (count: number, sample: Sample): readonly Sample[] => Array(count).fill(sample);

describe('a breach', () => {
  test.each<[string, readonly Sample[], readonly string[]]>([
    ['does not open at two failures', times(2, bad), []],
    ['opens at the third failure in a row', times(3, bad), ['3: error-rate breached after 3']],
    ['is told once, however long it lasts', times(20, bad), ['3: error-rate breached after 3']],
    ['does not open when a pass stands between', [...times(2, bad), good, ...times(2, bad)], []],
    ['opens across looks that measured nothing', [bad, lost, bad, quiet, bad], ['5: error-rate breached after 3']],
    ['stays open after four passes', [...times(3, bad), ...times(4, good)], ['3: error-rate breached after 3']],
    [
      'closes at the fifth pass in a row',
      [...times(3, bad), ...times(5, good)],
      ['3: error-rate breached after 3', '8: error-rate recovered after 5'],
    ],
    [
      'does not close when a failure stands between',
      [...times(3, bad), ...times(4, good), bad, ...times(4, good)],
      ['3: error-rate breached after 3'],
    ],
    ['does not close by looks that measured nothing', [...times(3, bad), ...times(4, good), quiet], ['3: error-rate breached after 3']],
    [
      'closes across looks that measured nothing',
      [...times(3, bad), ...times(4, good), quiet, good],
      ['3: error-rate breached after 3', '9: error-rate recovered after 5'],
    ],
    [
      'opens again after a recovery',
      [...times(3, bad), ...times(5, good), ...times(3, bad)],
      ['3: error-rate breached after 3', '8: error-rate recovered after 5', '11: error-rate breached after 3'],
    ],
    ['of health opens when the service is down', times(3, down), ['3: health breached after 3']],
    ['of the version opens when another one answers', times(3, { ...good, version: 'v2.0.0' }), ['3: version breached after 3']],
    [
      'is told of each gate by itself',
      times(3, { ...good, responseMs: 900, cpu: 99, memory: 99 }),
      ['3: response-time breached after 3', '3: cpu breached after 3', '3: memory breached after 3'],
    ],
  ])('%s', (_title, samples, story) => {
    expect(watch(samples).story).toEqual(story);
  });

  test.each<[string, Partial<Sample>, Partial<Sample>]>([
    ['response-time', { responseMs: 200 }, { responseMs: 200.01 }],
    ['error-rate', { errorRate: 0.1 }, { errorRate: 0.1001 }],
    ['cpu', { cpu: 70 }, { cpu: 70.01 }],
    ['memory', { memory: 80 }, { memory: 80.01 }],
  ])('of %s begins above its threshold, not at it', (gate, at, above) => {
    const stateOf = (sample: Partial<Sample>) =>
      judgeWatch(newWatch('v2.1.0'), { ...good, ...sample }, GATES).measures.find((line) => line.gate === gate)?.state;
    expect([stateOf(at), stateOf(above)]).toEqual(['pass', 'fail']);
  });

  test('carries what was measured against what', () => {
    let state = newWatch('v2.1.0');
    for (const sample of times(2, bad)) state = judgeWatch(state, sample, GATES).state;
    expect(judgeWatch(state, bad, GATES).events).toEqual([
      { kind: 'breached', gate: 'error-rate', value: '0.4 %', threshold: 'at most 0.1 %', failures: 3 },
    ]);
  });
});

describe('blindness', () => {
  test.each<[string, readonly Sample[], readonly string[]]>([
    ['is not told after two looks', times(2, lost), []],
    ['to metrics is told after three looks, once', times(9, lost), ['3: metrics blind after 3']],
    ['to health is told after three looks', times(3, unasked), ['3: health blind after 3']],
    ['to the version is told when health answers none', times(3, nameless), ['3: version blind after 3']],
    ['is no lack of traffic', times(9, quiet), []],
    ['is ended by one look that sees', [...times(2, lost), quiet, ...times(2, lost)], []],
    ['to the version is not told of a service that is down', times(3, down), ['3: health breached after 3']],
  ])('%s', (_title, samples, story) => {
    expect(watch(samples).story).toEqual(story);
  });

  test('says why', () => {
    let state = newWatch('v2.1.0');
    for (const sample of times(2, lost)) state = judgeWatch(state, sample, GATES).state;
    expect(judgeWatch(state, lost, GATES).events).toEqual([
      { kind: 'blind', source: 'metrics', checks: 3, detail: 'not measured (ECONNREFUSED: x)' },
    ]);
  });

  test('to a number that is none is no pass', () => {
    const { measures } = judgeWatch(newWatch('v2.1.0'), { ...good, errorRate: Number.NaN }, GATES);
    expect(measures.find(({ gate }) => gate === 'error-rate')?.state).toBe('unknown');
  });
});

describe('the end of the watch', () => {
  test.each<[string, readonly Sample[], string, string, string]>([
    ['certifies a quiet hour', times(4, good), 'healthy', 'certified', '4 checks, no breach'],
    ['certifies a service without traffic that was healthy', times(4, quiet), 'healthy', 'certified', '4 checks, no breach'],
    ['certifies after a recovery', [...times(3, bad), ...times(5, good)], 'healthy', 'certified', '8 checks, one breach, recovered'],
    ['does not certify an open breach', times(3, bad), 'breached', 'not-certified', 'breached at the end: error-rate'],
    [
      'does not certify an open breach that went out of sight',
      [...times(3, bad), ...times(9, lost)],
      'breached',
      'not-certified',
      'breached at the end: error-rate',
    ],
    ['does not certify what it cannot see', [good, ...times(3, lost)], 'blind', 'not-certified', 'out of sight at the end: metrics'],
    ['certifies what came into sight again', [...times(3, lost), good], 'healthy', 'certified', '4 checks, no breach'],
    ['does not certify without one look at good health', times(2, unasked), 'healthy', 'not-certified', 'health was never seen good'],
    ['does not certify a watch that never looked', [], 'healthy', 'not-certified', 'health was never seen good'],
  ])('%s', (_title, samples, now, verdict, why) => {
    const { state } = watch(samples);
    expect(verdictOf(state)).toBe(now);
    expect(certify(state)).toEqual({ verdict, why });
  });
});

test('the lines of an update name every gate with its unit and threshold', () => {
  const { measures } = judgeWatch(
    newWatch('v2.1.0'),
    { ...good, responseMs: 181.2, errorRate: null, missing: { errorRate: QUIET.traffic } },
    GATES,
  );
  expect(measures.map(({ label, value, threshold, state }) => `${label}: ${value} / ${threshold} = ${state}`)).toEqual([
    'Health: healthy / answers 2xx = pass',
    'Version: v2.1.0 / v2.1.0 = pass',
    'Response time (p95): 182 ms / at most 200 ms = pass',
    'Error rate: not measured (not enough traffic) / at most 0.1 % = unknown',
    'CPU: 20 % / at most 70 % = pass',
    'Memory: 40 % / at most 80 % = pass',
  ]);
});
