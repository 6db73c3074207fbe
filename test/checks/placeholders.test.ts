import { expect, test } from 'vitest';
import { checkPlaceholders } from '../../src/checks/placeholders.ts';
import { findPlaceholders } from '../../src/core/placeholders.ts';
import { checkPorts, declared, NOW } from './support.ts';

test.each<[string, string, readonly string[]]>([
  ['the names of the guide', 'RELEASE_TAG, @DEPLOY_LEAD and DEPLOY_LEAD', ['RELEASE_TAG', '@DEPLOY_LEAD', 'DEPLOY_LEAD']],
  [
    'anything upper-case in brackets',
    '[DATE] [TIME] [TIMESTAMP] [BACKUP_FILE] [XXX] [V2 NAME]',
    ['[DATE]', '[TIME]', '[TIMESTAMP]', '[BACKUP_FILE]', '[XXX]', '[V2 NAME]'],
  ],
  ['the forms of a date', '[DATE/TIME] [HH:MM] [YYYY-MM-DD]', ['[DATE/TIME]', '[HH:MM]', '[YYYY-MM-DD]']],
  ['one behind a flag', 'deploy --tag RELEASE_TAG', ['RELEASE_TAG']],
  ['one before a bracketed remark', '[DATE](UTC)', ['[DATE]']],
  ['one that is not a variable after all', 'RELEASE_TAG=RELEASE_TAG', ['RELEASE_TAG']],
  ['no variable of a shell', '$RELEASE_TAG $' + '{RELEASE_TAG} RELEASE_TAG=v1 MY_RELEASE_TAG RELEASE_TAGS', []],
  ['no link', '[API](https://x) [FAQ](#faq) [README](./README.md)', []],
  ['no box and no list of words', '[x] [X] [ ] [ok] [v2.1.0] [Date]', []],
  ['nothing in an empty text', '', []],
])('finds %s', (_title, text, words) => {
  expect(findPlaceholders(text).map(({ word }) => word)).toEqual(words);
});

test('numbers lines from one, whatever ends them', () => {
  expect(findPlaceholders('a\r\n[DATE]\r\n\n[TIME]')).toEqual([
    { line: 2, word: '[DATE]' },
    { line: 4, word: '[TIME]' },
  ]);
});

test('looks at the wording of notices as well, filled in as far as it can be, and names what is open', async () => {
  const { config, environment } = await declared('notify.wording', { success: { title: '{{tag}} is live', text: 'Since [DATE]' } });
  const ask = (tag: string) => checkPlaceholders({ environment, config, ports: checkPorts(), now: NOW, request: { tag } });
  expect((await ask('v2.1.0')).result).toMatchObject({ kind: 'fail', detail: 'notify.wording.success.text:1 [DATE]' });
  expect((await ask('RELEASE_TAG')).result).toMatchObject({
    kind: 'fail',
    detail: expect.stringContaining('notify.wording.success.title:1 RELEASE_TAG'),
  });
});
