import { expect, test } from 'vitest';
import { closest } from '../../src/core/suggest.ts';

test.each([
  ['deplyo', ['deploy', 'status'], 'deploy'],
  ['DEPLOY', ['deploy', 'status'], 'deploy'],
  ['prod', ['production', 'staging'], 'production'],
  ['v2.1.1', ['v2.1.0', 'v1.0.0'], 'v2.1.0'],
  ['chanel', ['channel', 'team'], 'channel'],
  ['x', ['deploy', 'status'], null],
  ['kubernetes', ['deploy', 'status'], null],
  ['', ['deploy'], null],
  ['deploy', [], null],
])('%s among %j means %s', (word, candidates, expected) => {
  expect(closest(word, candidates)).toBe(expected);
});
