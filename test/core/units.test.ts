import { expect, test } from 'vitest';
import { counted, formatMs, formatPercent } from '../../src/core/units.ts';

test.each([
  [0, '0 %'],
  [0.4, '0.4 %'],
  [0.1, '0.1 %'],
  [0.1001, '0.11 %'],
  [0.004, '0.01 %'],
  [33.333, '33.34 %'],
  [100, '100 %'],
])('%d percent reads %s', (percent, text) => expect(formatPercent(percent)).toBe(text));

test.each([
  [182, '182 ms'],
  [181.2, '182 ms'],
  [200.01, '201 ms'],
  [0, '0 ms'],
])('%d ms reads %s', (ms, text) => expect(formatMs(ms)).toBe(text));

test('one is one, none and more are many', () => {
  expect([0, 1, 2].map((count) => counted(count, 'breach', 'breaches'))).toEqual(['0 breaches', '1 breach', '2 breaches']);
  expect(counted(2, 'check')).toBe('2 checks');
});
