// A sample of what `npm run test:attack` does 10,000 times.

import { expect, test } from 'vitest';
import { arena, RACES } from '../attack/races.ts';

test('whatever people press at the same moment in two processes has one effect', async () => {
  const stage = await arena();
  for (const race of RACES) await race(stage);
  expect(stage.count()).toBeGreaterThan(80);
});
