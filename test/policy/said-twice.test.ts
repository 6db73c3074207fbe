// What is said in two places is held to agree.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands/registry.ts';
import { REASONS } from '../../src/core/refusal.ts';
import { JOBS } from '../../src/jobs/registry.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

test("the README's table holds every command, word for word, and no other", () => {
  const rows = [...read('README.md').matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(
    ([, usage = '', summary]) => `${usage.replaceAll('\\|', '|')}: ${summary}`,
  );
  expect(rows).toEqual(COMMANDS.map(({ usage, summary }) => `${usage}: ${summary}`));
});

test('docs/reasons.md explains every reason, and no other', () => {
  const rows = [...read('docs/reasons.md').matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, reason]) => reason);
  expect(rows).toEqual([...REASONS]);
});

test('ARCHITECTURE says for every step what happens when it crashes there', () => {
  const table = read('ARCHITECTURE.md').split('## When it crashes here')[1]?.split('## ')[0] ?? '';
  const named = new Set([...table.matchAll(/^\| ([a-z, -]+) \|/gm)].flatMap(([, names = '']) => names.split(', ')));
  const steps = [...JOBS.deploy.steps, ...JOBS.rollback.steps].map(({ name }) => name);
  expect([...new Set(steps)].filter((name) => !named.has(name))).toEqual([]);
});
