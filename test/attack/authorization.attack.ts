import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deeds, play } from './authorization.ts';

test('in 3,000 sequences of clicks nothing is deployed without a full, distinct, entitled quorum on the very commit', {
  timeout: 900_000,
}, async () => {
  let deploys = 0;
  const property = fc.asyncProperty(deeds, async (sequence) => {
    deploys += await play(sequence);
  });
  await fc.assert(property, { numRuns: 3_000 });
  process.stdout.write(`${deploys} deploys in 3,000 sequences\n`);
  expect(deploys).toBeGreaterThan(100);
});
