// A short sample of `npm run test:attack`: all families of hostile text, a few in each.

import { expect, test } from 'vitest';
import { SAMPLE } from './corpus.ts';
import { drive } from './drive.ts';

test.each(SAMPLE.map((text, at) => [at + 1, text] as const))(
  'hostile text %i pings nobody, drives no terminal and breaks no page',
  async (_, text) => {
    const { faults, looked } = await drive(text);
    expect(faults).toEqual([]);
    expect(looked).toBeGreaterThan(500);
  },
);
