import { expect, test } from 'vitest';
import { sparkline } from '../../src/templates/sparkline.ts';

test.each<[string, (number | null)[], number, string]>([
  ['nothing measured yet', [], 200, ''],
  ['far below the limit', [0, 1, 30], 200, '▁▁▁'],
  ['at the limit, three quarters of the height', [200], 200, '▇'],
  ['above the limit it rules the scale', [100, 400, 1_000], 200, '▁▄█'],
  ['gaps and what is no measurement stay gaps', [null, Number.NaN, -1, Number.POSITIVE_INFINITY, 10], 200, '····▁'],
  ['a limit of zero', [0, 0, 5], 0, '▁▁█'],
])('%s', (_, values, limit, drawn) => {
  expect(sparkline(values, limit)).toBe(drawn);
});

test('a peak of one sample stays visible among hundreds', () => {
  const values = Array.from({ length: 480 }, (_, at) => (at === 100 ? 900 : 20));
  const drawn = sparkline(values, 200);
  expect([...drawn]).toHaveLength(24);
  expect(drawn).toContain('█');
});
