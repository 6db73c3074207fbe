import { expect, onTestFinished, test } from 'vitest';
import { expectWholeAfterCut, tellingLog } from '../support/torn-log.ts';

const CUTS = 50;

test('a log that is torn anywhere leaves a consistent beginning with everything in it that anybody was told', async () => {
  const log = await tellingLog();
  onTestFinished(log.remove);
  expect(log.events.length).toBeGreaterThan(80);
  for (let nth = 0; nth <= CUTS; nth += 1) await expectWholeAfterCut(log, Math.floor((log.bytes.length * nth) / CUTS), nth);
});
