import { describe, expect, test } from 'vitest';
import { judgeWatch, newWatch, verdictOf, type WatchEvent, type WatchState, withDefaults } from '../../src/checks/breach.ts';
import { certify } from '../../src/checks/certify.ts';
import { QUIET } from '../../src/checks/rates.ts';
import type { GateFacts, Sample } from '../../src/core/sample.ts';
import { JUDGING as GATES, good, NOW } from './support.ts';

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

const moving: Sample = { ...good, version: null, alive: null, missing: { version: QUIET.moving, alive: QUIET.moving } };
/** Each a check of its own: `watch` counts their times up. */
const golden = (verdict: GateFacts['verdict']): Sample => ({ ...good, gates: { at: -1, verdict, detail: verdict } });

/** Each event as "check number: kind gate count". */
function watch(samples: readonly Sample[]): { readonly state: WatchState; readonly story: readonly string[] } {
  let state = newWatch('v2.1.0');
  const story: string[] = [];
  for (const [index, sample] of samples.entries()) {
    // What is checkpointed comes back from JSON.
    const at = sample.at + index * GATES.interval;
    const gates = sample.gates === null || sample.gates.at >= 0 ? sample.gates : { ...sample.gates, at };
    const judged = judgeWatch(JSON.parse(JSON.stringify(state)), { ...sample, at, gates }, GATES);
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
      [
        '3: response-time breached after 3',
        '3: cpu breached after 3',
        '3: memory breached after 3',
        '3: cpu rule-met',
        '3: memory rule-met',
      ],
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

describe('what is asked seldom', () => {
  const failing = { at: 7, verdict: 'fail', detail: 'SSIM 0.981' } as const;

  test.each<[string, readonly Sample[], readonly string[]]>([
    ['counts once, however many looks repeat it', times(20, { ...good, gates: failing }), []],
    [
      'opens a breach at the third golden check that failed, and meets the rule at the fourth',
      times(5, golden('fail')),
      ['3: quality-gates breached after 3', '4: quality-gates rule-met'],
    ],
    [
      'is told at once when a critical smoke test fails',
      [smoked(1, true), smoked(2, false), smoked(2, false)],
      ['2: smoke breached after 1', '2: smoke rule-met'],
    ],
    [
      'and when it passes again',
      [smoked(1, false), smoked(2, true)],
      ['1: smoke breached after 1', '1: smoke rule-met', '2: smoke recovered after 1', '2: smoke rule-cleared'],
    ],
    ['takes one person who reports a problem for a note', times(5, { ...good, reporters: 1 }), []],
    [
      'warns when a second person reports one, for the rest of the watch',
      [...times(2, { ...good, reporters: 1 }), ...times(9, { ...good, reporters: 2 })],
      ['3: reports breached after 1'],
    ],
  ])('%s', (_title, samples, story) => {
    expect(watch(samples).story).toEqual(story);
  });

  function smoked(at: number, passed: boolean): Sample {
    return { ...good, smoke: { at, passed, detail: 'hash: 500' } };
  }
});

describe('what was failing before the switch', () => {
  const before = { values: { 'error-rate': 2, cpu: 75, 'client-errors': 3 }, failing: ['error-rate', 'cpu'] };
  const judge = (given: Partial<Sample>, count: number) => {
    let state = newWatch('v2.1.0', before);
    const story: string[] = [];
    let last = '';
    for (let index = 0; index < count; index += 1) {
      const judged = judgeWatch(state, { ...good, ...given, at: good.at + index * 30_000 }, GATES);
      state = judged.state;
      last = judged.measures.find(({ state: answer }) => answer === 'fail')?.value ?? '';
      story.push(...judged.events.map(inWords));
    }
    return { state, story, last };
  };

  test('is shown as such, and opens neither a breach nor a rule', () => {
    const { story, last, state } = judge({ errorRate: 3 }, 20);
    expect(story).toEqual([]);
    expect(last).toBe('3 % (was failing before the switch)');
    expect(certify(state)).toEqual({ verdict: 'not-certified', why: 'fails, as it did before the switch: error-rate' });
  });

  test.each<[string, Partial<Sample>, readonly string[]]>([
    ['half as much again is markedly worse', { errorRate: 3.001 }, ['error-rate breached after 3', 'error-rate rule-met']],
    ['ten points of a share of the host are not yet', { cpu: 85 }, []],
    ['more than ten points are', { cpu: 85.1 }, ['cpu breached after 3']],
    ['4xx twice as many and five points more are borne', { clientErrors: 8 }, []],
    ['above that they are a breach', { clientErrors: 8.1 }, ['client-errors breached after 3']],
    ['what did not fail before is no excuse', { memory: 81 }, ['memory breached after 3']],
  ])('%s', (_title, given, story) => {
    expect(judge(given, 12).story).toEqual(story);
  });

  test('does not excuse a service that does not answer', () => {
    expect(judge({ healthy: false }, 3).story).toEqual(['health breached after 3']);
  });
});

test('a checkpoint from before there were rules goes on with its streaks', () => {
  const { rules: _rules, sources: _sources, counted: _counted, ...old } = watch(times(2, bad)).state;
  const kept = { ...old, gates: { 'error-rate': { failures: 2, passes: 0, breached: false } } };
  const resumed = judgeWatch(withDefaults(JSON.parse(JSON.stringify(kept))), { ...bad, at: NOW + 60_000 }, GATES);
  expect(resumed.events.map(inWords)).toEqual(['error-rate breached after 3']);
  expect(resumed.state.rules['error-rate'].met).toBe(false);
});

describe('while another version takes over', () => {
  const ill: Sample = { ...moving, errorRate: 2 };
  test.each<[string, readonly Sample[], readonly string[]]>([
    ['what fails still opens a breach', times(3, ill), ['3: error-rate breached after 3']],
    ['what looks well ends none', [...times(3, bad), ...times(20, moving)], ['3: error-rate breached after 3']],
    ['nor interrupts a streak', [...times(2, bad), ...times(4, moving), bad], ['7: error-rate breached after 3']],
    [
      'what was out of sight is not in sight again',
      [...times(3, lost), ...times(9, moving), good],
      ['3: metrics blind after 3', '13: metrics sighted after 3'],
    ],
    [
      'a rule that was met stays met',
      [...times(12, { ...bad, errorRate: 2 }), ...times(20, moving)],
      ['3: error-rate breached after 3', '12: error-rate rule-met'],
    ],
  ])('%s', (_title, samples, story) => {
    expect(watch(samples).story).toEqual(story);
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
    ['that ends is told', [...times(4, lost), good, good], ['3: metrics blind after 3', '5: metrics sighted after 4']],
    [
      'to what the host uses is told after three looks',
      times(3, { ...good, cpu: null, missing: { cpu: 'the host does not tell' } }),
      ['3: host blind after 3'],
    ],
    ['of the version is none while traffic moves', times(9, moving), []],
    ['to the quality gates is told after three checks that found nothing', times(4, golden('unknown')), ['3: quality-gates blind after 3']],
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
    expect(measures.find(({ gate }) => gate === 'error-rate')?.state).toBe('error');
  });
});

describe('the end of the watch', () => {
  test.each<[string, readonly Sample[], string, string, string]>([
    ['certifies a quiet hour', times(4, good), 'healthy', 'certified', '4 checks, no breach'],
    [
      'does not certify what was never measured for want of traffic',
      times(4, quiet),
      'healthy',
      'not-certified',
      'never measured: response-time, error-rate',
    ],
    ['certifies what had too little traffic at the end', [...times(3, good), quiet], 'healthy', 'certified', '4 checks, no breach'],
    [
      'does not certify what failed at the last check',
      [...times(4, good), bad],
      'healthy',
      'not-certified',
      'failing at the last check: error-rate',
    ],
    [
      'does not certify what was not measured at the last check',
      [good, lost],
      'healthy',
      'not-certified',
      'not measured at the last check: response-time, error-rate',
    ],
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
    'Service: runs / runs = pass',
    'Response time (p95): 182 ms / at most 200 ms = pass',
    'Response time (probe): 12 ms / at most 200 ms = pass',
    'Error rate: not measured (not enough traffic) / at most 0.1 % = unknown',
    'CPU: 20 % (the service 5 %) / at most 70 % = pass',
    'Memory: 40 % (the service 6 %) / at most 80 % = pass',
    'Disk: 30 % / at most 90 % = pass',
  ]);
});
