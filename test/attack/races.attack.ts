import { expect, test } from 'vitest';
import { arena, RACES } from './races.ts';

const WISHES = 10_000;

test(`10,000 double and simultaneous clicks, deploys, approvals, cancels and rollbacks in two processes have one effect each`, {
  timeout: 1_800_000,
}, async () => {
  const stage = await arena();
  for (let round = 0; stage.count() < WISHES; round += 1) await RACES[round % RACES.length]?.(stage);
  expect(stage.count()).toBeGreaterThanOrEqual(WISHES);
});
