import { expect, test } from 'vitest';
import type { Backup } from '../../src/core/backup.ts';
import { choosePrunable, type RetentionRules } from '../../src/core/retention.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 23, 12);
const RULES: RetentionRules = { keepMs: 30 * DAY, keepLastGood: 2, pinned: [], now: NOW };

function backup(daysAgo: number, more: Partial<Backup> = {}): Backup {
  const createdAt = NOW - daysAgo * DAY;
  return {
    file: `b${daysAgo}`,
    environment: 'production',
    tag: 'v1.0.0',
    commit: 'abc',
    kind: 'nightly',
    createdAt,
    bytes: 1,
    sha256: 'x',
    verifiedAt: createdAt,
    ...more,
  };
}

const files = (backups: readonly Backup[], rules: Partial<RetentionRules> = {}) =>
  choosePrunable(backups, { ...RULES, ...rules }).map(({ file }) => file);

test('prunes what is too old, oldest first, and says why', () => {
  expect(choosePrunable([backup(1), backup(40), backup(2), backup(50, { verifiedAt: null })], RULES)).toEqual([
    { file: 'b50', why: 'older than 30d and not verified' },
    { file: 'b40', why: 'older than 30d and not among the last 2 verified' },
  ]);
});

test('keeps what is exactly as old as the limit', () => {
  expect(files([backup(1), backup(2), backup(30)])).toEqual([]);
});

test('keeps the last good ones however old they are', () => {
  expect(files([backup(40), backup(50), backup(60), backup(70)])).toEqual(['b70', 'b60']);
  expect(files([backup(31, { verifiedAt: null }), backup(40), backup(50), backup(60)])).toEqual(['b60']);
});

test('never prunes a pinned one, and does not count it among the last good', () => {
  expect(files([backup(40), backup(50), backup(60), backup(70)], { pinned: ['b40', 'b70'] })).toEqual([]);
  expect(files([backup(40), backup(50), backup(60), backup(70), backup(80)], { pinned: ['b40', 'b80'] })).toEqual(['b70']);
});

test('never prunes the last verified one, nor the newest of all', () => {
  expect(files([backup(40), backup(50)], { keepLastGood: 0 })).toEqual(['b50']);
  expect(files([backup(40, { verifiedAt: null }), backup(50), backup(60)], { keepLastGood: 0 })).toEqual(['b60']);
  expect(files([backup(40, { verifiedAt: null }), backup(50, { verifiedAt: null })])).toEqual(['b50']);
});

test('keeps what is dated in the future, and lets it push nothing out', () => {
  const future = [backup(-1), backup(-2), backup(-400)];
  expect(files(future)).toEqual([]);
  expect(files([...future, backup(40), backup(50), backup(60)])).toEqual(['b60']);
  // The clock was set back by a year: nothing is old any more.
  expect(files([backup(1), backup(40), backup(60)], { now: NOW - 365 * DAY })).toEqual([]);
});

test('keeps the last good ones when the clock runs years ahead', () => {
  expect(files([backup(1), backup(2), backup(3), backup(4)], { now: NOW + 3_650 * DAY })).toEqual(['b4', 'b3']);
});

test('has nothing to say about nothing', () => {
  expect(files([])).toEqual([]);
});
