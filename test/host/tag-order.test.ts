import { expect, test } from 'vitest';
import { newestFirst } from '../../src/host/releases/tag-order.ts';

test('sorts by version, not by letters, and puts pre-releases before their release', () => {
  const newest = [
    'v10.0.0',
    'v9.10.0',
    'v9.9.0',
    'v9.9.0-rc.10',
    'v9.9.0-rc.2',
    'v9.9.0-rc',
    'v9.9.0-beta.x',
    'v9.9.0-beta.1',
    'v9.9.0-beta',
    'v9.9.0-1',
  ];
  expect([...newest].reverse().sort(newestFirst)).toEqual(newest);
  expect([...newest].sort(newestFirst)).toEqual(newest);
});
