import { expect, onTestFinished, test } from 'vitest';
import { expectWholeAfterCut, tellingLog } from '../support/torn-log.ts';

const CUTS = 2_000;

test('a log that is torn at 2,000 places leaves a consistent beginning with everything in it that anybody was told', async () => {
  const log = await tellingLog();
  onTestFinished(log.remove);
  const { length } = log.bytes;
  // Every third cut stands a few bytes beside an end of a frame, where most could go wrong.
  for (let nth = 0; nth < CUTS; nth += 1) {
    const anywhere = Math.floor((length * nth) / CUTS);
    const frame = 32 + Math.floor((anywhere - 32) / 4_120) * 4_120;
    const at = nth % 3 === 0 ? Math.max(0, frame + (nth % 7) - 3) : anywhere;
    await expectWholeAfterCut(log, Math.min(at, length), nth);
  }
  expect(log.told.length).toBeGreaterThan(4);
});
