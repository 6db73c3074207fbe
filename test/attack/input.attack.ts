// Every hostile text through the whole bot.

import { expect, test } from 'vitest';
import { CORPUS } from './corpus.ts';
import { drive } from './drive.ts';

const families = [...new Set(CORPUS.map(({ family }) => family))];

test('there are at least 500 of them, each once', () => {
  expect(new Set(CORPUS.map(({ text }) => text)).size).toBeGreaterThanOrEqual(500);
});

test.each(families)('nothing of the family "%s" pings, drives or breaks anything it is shown on, runs, or names a file', async (family) => {
  const programs = new Set<string>();
  for (const { text } of CORPUS.filter((one) => one.family === family)) {
    const { faults, ran, paths } = await drive(text);
    expect(faults, JSON.stringify(text.slice(0, 80))).toEqual([]);
    expect(paths.filter((path) => !/^\/data\/reports\/[a-z]-\d{4}\.(?:md|json|html)$/.test(path))).toEqual([]);
    for (const argv of ran) programs.add(argv.join(' '));
  }
  expect([...programs]).toEqual(['npm ci']);
});
