import { expect, test } from 'vitest';
import { load, withValue } from './support.ts';

const REPOSITORY = { repository: 'mobius/dhash' };
const ARCHIVE = { archive: './artifacts/{tag}.zip' };

async function checklistOf(yml: string) {
  return (await load(yml)).config.environments['production']?.checklist;
}

test('asks GitHub by default once it is configured', async () => {
  expect(await checklistOf(withValue('github', REPOSITORY))).toEqual([
    'branch-protection',
    'ci',
    'backup',
    'placeholders',
    'contacts',
    'approvals',
  ]);
});

test('does not ask GitHub about archives, which it knows nothing of', async () => {
  const yml = withValue('github', REPOSITORY).replace(/source:\n\s+git: \S+/, `source: ${JSON.stringify(ARCHIVE)}`);
  expect(await checklistOf(yml)).toEqual(['backup', 'placeholders', 'contacts', 'approvals']);
});

test('takes a required check by its name, or with the app it must come from', async () => {
  const yml = withValue('github', { ...REPOSITORY, requiredChecks: ['build', { name: 'golden', app: 'any' }, { name: 'lint' }] });
  expect((await load(yml)).config.github).toEqual({
    repository: 'mobius/dhash',
    branch: 'main',
    requiredChecks: [
      { name: 'build', app: null },
      { name: 'golden', app: 'any' },
      { name: 'lint', app: null },
    ],
    reviews: 0,
    waitForChecks: 1_800_000,
  });
});
