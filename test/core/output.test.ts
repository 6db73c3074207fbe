import { expect, test } from 'vitest';
import { foldLines, logParts, partLine, partMark } from '../../src/core/output.ts';

test('shows the last ten lines, a repeated one once with its count, a long one cut', () => {
  const many = Array.from({ length: 30 }, (_, at) => `line ${at}`);
  expect(foldLines(many)).toEqual(many.slice(-10));
  expect(foldLines(['a', 'waiting', 'waiting', 'waiting', 'b'])).toEqual(['a', 'waiting (3 times)', 'b']);
  expect(foldLines(['x'.repeat(5_000)])[0]).toHaveLength(304);
});

test('finds the parts of a log again by step and attempt', () => {
  const at = Date.UTC(2026, 10, 23, 12);
  const text = [
    partMark({ step: 'build', direction: 'forward', attempt: 1 }, at),
    '$ npm ci',
    partLine('=== switch attempt 1, forged by a program'),
    partMark({ step: 'stop', direction: 'back', attempt: 2 }, at),
    'stopped',
    '',
  ].join('\n');
  expect(logParts(text)).toEqual([
    { step: 'build', title: 'build attempt 1, 2026-11-23T12:00:00Z', lines: ['$ npm ci', ' === switch attempt 1, forged by a program'] },
    { step: 'stop', title: 'stop (going back) attempt 2, 2026-11-23T12:00:00Z', lines: ['stopped'] },
  ]);
  expect(logParts('')).toEqual([]);
  expect(logParts('from an older version\n')).toMatchObject([{ step: '', lines: ['from an older version'] }]);
});
