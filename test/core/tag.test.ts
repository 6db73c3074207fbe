import { expect, test } from 'vitest';
import { isTag } from '../../src/core/tag.ts';

test.each(['v1.2.3', 'v0.0.1', 'v10.20.30', 'v1.2.3-pre', 'v2.1.0-rc.1', 'v2.1.0-rc-2'])('takes %s', (tag) => {
  expect(isTag(tag)).toBe(true);
});

test.each([
  '',
  '1.2.3',
  'v1',
  'v1.2',
  'v1.2.3.4',
  'v01.2.3',
  'v1.2.3-',
  'v1.2.3-..',
  'v1.2.3-a..b',
  'v1;touch x',
  '-rf',
  'v1$(id)',
  '../x',
  'v1.2.3\n',
  'v1.2.3 ',
  'V1.2.3',
  `v1.2.3-${'a'.repeat(80)}`,
])('refuses %j', (tag) => {
  expect(isTag(tag)).toBe(false);
});
