// DHASH_RACES=500 ends sooner.

import { env } from 'node:process';
import { expect, test } from 'vitest';
import { arena, RACES } from './races.ts';

test('double and simultaneous clicks, deploys, approvals, cancels and rollbacks in two processes have one effect each', {
  timeout: 3_600_000,
}, async () => {
  const { DHASH_RACES: wanted = '10000' } = env;
  const stage = await arena();
  let rounds = 0;
  while (stage.count() < Number(wanted)) {
    await RACES[rounds % RACES.length]?.(stage);
    rounds += 1;
    if (rounds % 50 === 0) process.stdout.write(`${stage.count()} of ${wanted} wishes, ${rounds} rounds\n`);
  }
  expect(stage.count()).toBeGreaterThanOrEqual(Number(wanted));
});
