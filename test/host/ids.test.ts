import { expect, test } from 'vitest';
import { createIds } from '../../src/host/ids.ts';

test('makes ids with a prefix and six characters that cannot be mistaken for one another', () => {
  const ids = createIds();
  const made = Array.from({ length: 2_000 }, () => ids.next('d'));
  for (const id of made) expect(id).toMatch(/^d-[2-9a-hjkmnp-tv-z]{6}$/);
  expect(new Set(made).size).toBe(made.length);
});
