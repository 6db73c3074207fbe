import { expect, test } from 'vitest';
import type { Sample } from '../../src/core/sample.ts';
import { chartLimits } from '../../src/templates/chart.ts';
import { type Look, liveWatch } from '../../src/templates/live-watch.ts';
import { lineText } from '../../src/templates/text.ts';
import { samples } from '../charts/samples.ts';
import { testConfig } from '../support/config.ts';
import { approved, breached, INCIDENT, live, NOON } from '../support/log.ts';
import { BOB, OLGA } from '../support/world.ts';

const MEASURES = [
  { gate: 'health', label: 'Health', value: 'healthy', threshold: 'answers 2xx', state: 'pass' },
  { gate: 'response-time', label: 'Response time (p95)', value: '80 ms', threshold: 'at most 200 ms', state: 'pass' },
] as const;

function look(responseMs: readonly (number | null)[]): Look {
  const [sample] = samples(1);
  if (sample === undefined) throw new Error('no sample');
  const taken = responseMs.map((ms, at): Sample => ({ ...sample, at: NOON + at * 30_000, responseMs: ms }));
  return { jobId: 'j-watch', at: NOON + 1_850_000, measures: MEASURES, samples: taken, limits: chartLimits(testConfig(), 'production') };
}

function linesOf(log = live(), seen = look([80])): readonly string[] {
  return (liveWatch(log.events(), seen)?.lines ?? []).map(lineText);
}

test('the card shows the time that is left as a bar, and the newest look in place of the last summary', () => {
  expect(linesOf()).toEqual([
    '█████░░░░░ 30m 50s of the watch left; looked at 2026-11-23T12:30:50Z',
    'Health: healthy (want answers 2xx) ok',
    'Response time (p95): 80 ms (want at most 200 ms) ok ▃ ',
  ]);
});

test.each([
  ['rising', [40, 40, 41, 40, 80, 82]],
  ['falling', [80, 82, 81, 80, 30, 31]],
  ['steady', [40, 900, 40, 40, 41, 40]],
  ['', [40, null, 80, 80]],
])('the trend of a curve is "%s"', (word, values) => {
  expect(linesOf(live(), look(values)).at(-1)?.split(' ').at(-1)).toBe(word);
});

test('incidents and reports of problems stand under the measures', () => {
  const log = breached()
    .add('escalation.started', INCIDENT, { jobId: 'j-ladder' })
    .add('problem.reported', { text: 'black frames' }, { actor: BOB })
    .add('problem.reported', { text: 'still' }, { actor: BOB });
  expect(linesOf(log).slice(-2)).toEqual([`INC-d-0001-1: open, ${INCIDENT.about}`, 'Problems reported: 2, by 1 person']);
  log.add('alert.acknowledged', { gate: 'error-rate' }, { actor: OLGA }).add('problem.reported', { text: 'here too' }, { actor: OLGA });
  expect(linesOf(log).slice(-2)).toEqual([`INC-d-0001-1: olga looks after it, ${INCIDENT.about}`, 'Problems reported: 3, by 2 people']);
});

test('nothing is drawn before the watch has begun, of another watch, or after its end', () => {
  expect(liveWatch(approved().events(), look([80]))).toBeNull();
  expect(liveWatch(live().events(), { ...look([80]), jobId: 'j-other' })).toBeNull();
  const ended = { verdict: 'certified', why: 'fine', checks: 9, breaches: 0, measures: [] } as const;
  expect(liveWatch(live().add('monitor.ended', ended, { jobId: 'j-watch' }).events(), look([80]))).toBeNull();
});
