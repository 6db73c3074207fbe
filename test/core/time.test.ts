import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, formatUtc, formatUtcCompact, parseDuration } from '../../src/core/time.ts';

test.each([
  ['30s', 30_000],
  ['1h30m', 5_400_000],
  ['0m', 0],
  ['250ms', 250],
  ['30d', 2_592_000_000],
])('reads %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['30', '', 's', '-1s', '1.5h', '30 s', '1w', '999999999999999999d'])('does not take %j for a length of time', (text) => {
  expect(parseDuration(text)).toBeNull();
});

test.each([
  [0, '0ms'],
  [450, '450ms'],
  [9_000, '9s'],
  [90_000, '1m 30s'],
  [3_600_000, '1h'],
  [90_061_000, '1d 1h'],
])('says %d ms as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('writes any instant as ISO 8601 does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (at) => {
      const iso = new Date(at).toISOString();
      expect(formatUtc(at)).toBe(`${iso.slice(0, 19)}Z`);
      expect(formatUtcCompact(at)).toBe(iso.slice(0, 19).replace('T', '_').replace(/[-:]/g, ''));
    }),
  );
});
