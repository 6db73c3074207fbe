import { expect, test } from 'vitest';
import { parseWords, tokenize } from '../../src/commands/words.ts';

test.each([
  ['deploy v2.1.0', ['deploy', 'v2.1.0']],
  ['  lock   "database maintenance"  ', ['lock', 'database maintenance']],
  ["lock 'it is late'", ['lock', 'it is late']],
  ['lock “curly quotes of a phone”', ['lock', 'curly quotes of a phone']],
  ['reject d-1 "say \\"no\\""', ['reject', 'd-1', 'say "no"']],
  ['', []],
  ['deploy $(id) `id` $HOME a;b|c', ['deploy', '$(id)', '`id`', '$HOME', 'a;b|c']],
])('splits %j', (text, tokens) => {
  expect(tokenize(text)).toEqual(tokens);
});

test('a quote that is not closed is told, not guessed', () => {
  expect(tokenize('lock "half')).toMatchObject({ kind: 'refused', reason: 'usage' });
});

const FLAGS = { env: 'value', 'dry-run': 'switch' } as const;

test.each([
  [['v1.0.0', '--env', 'staging'], { positionals: ['v1.0.0'], flags: { env: 'staging' } }],
  [['v1.0.0', '--env=staging', '--dry-run'], { positionals: ['v1.0.0'], flags: { env: 'staging', 'dry-run': true } }],
])('sorts %j', (tokens, words) => {
  expect(parseWords(tokens, FLAGS, 'usage', 2)).toEqual(words);
});

test.each([
  [['--dryrun'], 'Did you mean --dry-run?'],
  [['--env'], 'usage'],
  [['--env', '--dry-run'], 'usage'],
  [['--dry-run=yes'], 'usage'],
  [['a', 'b', 'c'], 'usage'],
  [['--__proto__'], 'usage'],
])('refuses %j with a hint', (tokens, hint) => {
  expect(parseWords(tokens, FLAGS, 'usage', 2)).toMatchObject({ kind: 'refused', reason: 'usage', hint: expect.stringContaining(hint) });
});
