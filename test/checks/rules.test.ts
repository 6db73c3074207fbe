import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeWatch, newWatch } from '../../src/checks/breach.ts';
import { certify } from '../../src/checks/certify.ts';
import { QUIET } from '../../src/checks/rates.ts';
import type { Rule } from '../../src/core/rule.ts';
import type { Sample } from '../../src/core/sample.ts';
import { good, JUDGING, NOW } from './support.ts';

/** m:ss after the start -> what was measured then. */
type Look = readonly [string, Partial<Sample>];

/** Each rule event as "m:ss rule met/cleared". Other gates stay good, so that only the rule is seen. */
function story(looks: readonly Look[], judging = JUDGING): readonly string[] {
  let state = newWatch('v2.1.0');
  const told: string[] = [];
  for (const [at, given] of looks) {
    const judged = judgeWatch(JSON.parse(JSON.stringify(state)), { ...good, ...given, at: NOW + ms(at) }, judging);
    state = judged.state;
    for (const found of judged.events)
      if (found.kind === 'rule-met' || found.kind === 'rule-cleared') told.push(`${at} ${found.rule} ${found.kind.slice(5)}`);
  }
  return told;
}

const ms = (text: string) => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 1_000;
const at = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
/** The same at every half minute, both ends included. */
const every = (from: string, to: string, given: Partial<Sample>): readonly Look[] =>
  Array.from({ length: (ms(to) - ms(from)) / 30_000 + 1 }, (_, index) => [at(ms(from) / 1_000 + index * 30), given] as const);

const errors = (errorRate: number): Partial<Sample> => ({ errorRate });
const slow = (responseMs: number): Partial<Sample> => ({ responseMs });
const unseen: Partial<Sample> = { errorRate: null, responseMs: null, missing: { errorRate: 'timeout: x', responseMs: 'timeout: x' } };
const quiet: Partial<Sample> = { errorRate: null, responseMs: null, missing: { errorRate: QUIET.traffic, responseMs: QUIET.traffic } };

describe('error rate above 1 % for more than 5 minutes', () => {
  test.each<[string, readonly Look[], readonly string[]]>([
    ['is not met by 1.000 %', every('0:00', '20:00', errors(1)), []],
    ['is met by 1.001 %', every('0:00', '20:00', errors(1.001)), ['5:30 error-rate met']],
    ['is not met after 4:59', [...every('0:00', '4:30', errors(2)), ['4:59', errors(2)], ['5:29', errors(0)]], []],
    ['is not met after 5:00', [...every('0:00', '5:00', errors(2)), ['5:30', errors(0)]], []],
    ['is met after 5:01', [...every('0:00', '4:30', errors(2)), ['5:01', errors(2)]], ['5:01 error-rate met']],
    ['is met once, however long it lasts', every('0:00', '59:30', errors(50)), ['5:30 error-rate met']],
    [
      'does not add up when it flaps',
      [...every('0:00', '4:30', errors(9)), ['5:00', errors(0)], ...every('5:30', '10:00', errors(9)), ['10:30', errors(0)]],
      [],
    ],
    [
      'clears after five good looks, and can be met again',
      [...every('0:00', '6:00', errors(2)), ...every('6:30', '8:30', errors(0)), ...every('9:00', '14:30', errors(2))],
      ['5:30 error-rate met', '8:30 error-rate cleared', '14:30 error-rate met'],
    ],
    [
      'does not clear after four',
      [...every('0:00', '6:00', errors(2)), ...every('6:30', '8:00', errors(0)), ['8:30', errors(2)]],
      ['5:30 error-rate met'],
    ],
    [
      'does not count the time around a look that saw nothing',
      [...every('0:00', '2:30', errors(2)), ['3:00', unseen], ...every('3:30', '7:00', errors(2))],
      ['6:30 error-rate met'],
    ],
    [
      'does not count the time around a look that was missed',
      [...every('0:00', '2:30', errors(2)), ...every('3:30', '7:00', errors(2))],
      ['6:30 error-rate met'],
    ],
    [
      'starts anew after two looks without an answer',
      [...every('0:00', '4:30', errors(2)), ['5:00', quiet], ['5:30', quiet], ...every('6:00', '11:30', errors(2))],
      ['11:30 error-rate met'],
    ],
    ['starts anew after a gap', [...every('0:00', '4:30', errors(2)), ...every('20:00', '25:00', errors(2)), ['25:30', errors(0)]], []],
    [
      'starts anew when the clock was set back',
      [...every('10:00', '14:30', errors(2)), ...every('3:00', '8:00', errors(2)), ['8:30', errors(2)]],
      ['8:30 error-rate met'],
    ],
    ['is not met by too little traffic', every('0:00', '20:00', { ...quiet, requests: 2 }), []],
    ['is not met by a number that is none', every('0:00', '20:00', errors(Number.NaN)), []],
    ['is not met by more than all', every('0:00', '20:00', errors(Number.POSITIVE_INFINITY)), []],
    [
      'is not cleared by a negative number',
      [...every('0:00', '6:00', errors(2)), ...every('6:30', '12:00', errors(-1))],
      ['5:30 error-rate met'],
    ],
  ])('%s', (_title, looks, told) => {
    expect(story(looks)).toEqual(told);
  });
});

describe('response time above 500 ms for 2 minutes', () => {
  test.each<[string, readonly Look[], readonly string[]]>([
    ['is not met by 500 ms', every('0:00', '9:00', slow(500)), []],
    ['is met by 500.1 ms', every('0:00', '9:00', slow(500.1)), ['2:00 response-time met']],
    ['is not met after 1:59', [...every('0:00', '1:30', slow(900)), ['1:59', slow(900)], ['2:00', slow(100)]], []],
    ['is met after 2:00', every('0:00', '2:00', slow(900)), ['2:00 response-time met']],
    ['is met by what the bot itself waits for', every('0:00', '2:00', { probeMs: 900 }), ['2:00 response-time met']],
    [
      'is met by either of both',
      [...every('0:00', '1:00', slow(900)), ...every('1:30', '2:00', { probeMs: 900 })],
      ['2:00 response-time met'],
    ],
    [
      'is not taken back by a fast probe alone',
      [...every('0:00', '1:00', slow(900)), ['1:30', { ...unseen, probeMs: 5 }], ...every('2:00', '3:00', slow(900))],
      ['3:00 response-time met'],
    ],
    [
      'is judged by the probe alone where there are no metrics',
      every('0:00', '2:30', { responseMs: null, probeMs: 700, missing: { responseMs: QUIET.undeclared } }),
      ['2:00 response-time met'],
    ],
  ])('%s', (_title, looks, told) => {
    expect(story(looks)).toEqual(told);
  });
});

describe('CPU above 90 or memory above 95, three times', () => {
  test.each<[string, readonly Look[], readonly string[]]>([
    ['is not met by 90 %', every('0:00', '9:00', { cpu: 90 }), []],
    ['is met by 90.01 % at the third look', every('0:00', '9:00', { cpu: 90.01 }), ['1:00 cpu met']],
    ['is not met by 95 % of the memory', every('0:00', '9:00', { memory: 95 }), []],
    ['is met by 95.01 % of the memory', every('0:00', '9:00', { memory: 95.01 }), ['1:00 memory met']],
    ['is not met twice', [...every('0:00', '0:30', { cpu: 99 }), ['1:00', {}], ...every('1:30', '2:00', { cpu: 99 })], []],
    [
      'is not met by three looks far apart',
      [
        ['0:00', { cpu: 99 }],
        ['10:00', { cpu: 99 }],
        ['20:00', { cpu: 99 }],
      ],
      [],
    ],
    ['is not met by 101 %', every('0:00', '9:00', { cpu: 101 }), []],
  ])('%s', (_title, looks, told) => {
    expect(story(looks)).toEqual(told);
  });
});

test('a rule that is met says what, how long, and what is to be done', () => {
  const rollback = { ...JUDGING.rollback, modes: { ...JUDGING.rollback.modes, 'error-rate': 'auto' as const } };
  let state = newWatch('v2.1.0');
  const found = every('0:00', '5:30', errors(2.5)).flatMap(([when, given]) => {
    const judged = judgeWatch(state, { ...good, ...given, at: NOW + ms(when) }, { ...JUDGING, rollback });
    state = judged.state;
    return judged.events.filter(({ kind }) => kind === 'rule-met');
  });
  expect(found).toEqual([
    {
      kind: 'rule-met',
      rule: 'error-rate',
      value: '2.5 %',
      threshold: 'above 1 % for more than 5m',
      detail: 'above 1 % for 5m 30s',
      mode: 'auto',
    },
  ]);
  expect(certify(state).verdict).toBe('not-certified');
});

describe('whatever is measured', () => {
  const look = fc.record({
    gap: fc.constantFrom(1_000, 30_000, 30_000, 30_000, 61_000, 600_000, -90_000),
    errorRate: fc.oneof(fc.constant(null), fc.double({ min: 0, max: 3, noNaN: true }), fc.constantFrom(Number.NaN, -1, 500)),
    cpu: fc.oneof(fc.constant(null), fc.double({ min: 80, max: 100, noNaN: true })),
  });

  function play(looks: readonly { readonly gap: number; readonly errorRate: number | null; readonly cpu: number | null }[]) {
    let state = newWatch('v2.1.0');
    let now = NOW;
    const met: { readonly rule: Rule; readonly index: number }[] = [];
    for (const [index, { gap, ...given }] of looks.entries()) {
      now += gap;
      const judged = judgeWatch(JSON.parse(JSON.stringify(state)), { ...good, ...given, at: now }, JUDGING);
      state = judged.state;
      for (const found of judged.events) if (found.kind === 'rule-met') met.push({ rule: found.rule, index });
    }
    return { state, met };
  }

  test('a rule is met only while its own measure is bad, and never without enough bad looks behind it', () => {
    fc.assert(
      fc.property(fc.array(look, { maxLength: 40 }), (looks) => {
        for (const { rule, index } of play(looks).met) {
          const values = looks.slice(0, index + 1).map((each) => (rule === 'cpu' ? each.cpu : each.errorRate));
          const limit = rule === 'cpu' ? 90 : 1;
          const bad = values.filter((value) => value !== null && value > limit && value <= 100).length;
          expect(values.at(-1)).toBeGreaterThan(limit);
          expect(bad).toBeGreaterThanOrEqual(rule === 'cpu' ? 3 : 2);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('nothing is certified whose last answer was bad, lost or unreadable', () => {
    fc.assert(
      fc.property(fc.array(look, { minLength: 1, maxLength: 40 }), (looks) => {
        const { state } = play(looks);
        const last = looks.at(-1);
        const bad = last?.errorRate !== null && !((last?.errorRate ?? 0) >= 0 && (last?.errorRate ?? 0) <= 0.1);
        if (bad || (last?.cpu ?? 0) > 70) expect(certify(state).verdict).toBe('not-certified');
      }),
      { numRuns: 150 },
    );
  });
});
