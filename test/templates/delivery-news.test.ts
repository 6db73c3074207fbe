import { expect, test } from 'vitest';
import { progressOf } from '../../src/templates/progress.ts';
import { reportOf } from '../../src/templates/report.ts';
import { tellStory } from '../../src/templates/story.ts';
import { testConfig } from '../support/config.ts';
import { approved } from '../support/log.ts';

const LATE = { key: 'announcement:1', to: 'E-mail to ana@ops.test', notice: 'announcement', code: 'ESOCKET', detail: 'connect refused' };

test.each([
  ['notice.late', 'E-mail to ana@ops.test is not reached (ESOCKET): "announcement" is kept and tried again'],
  ['notice.lost', '"announcement" was NOT sent to E-mail to ana@ops.test (ESOCKET)'],
] as const)('%s shows in the thread once, on a terminal that follows the job, and in the report', (type, title) => {
  const story = approved().add(type, LATE).events();
  const told = story.at(-1);
  if (told === undefined) throw new Error('no story');
  const thread = tellStory(told, story, testConfig()).filter(({ where }) => where.kind === 'thread');
  expect(thread.map(({ content }) => [content.title, content.lines])).toEqual([[title, [['connect refused']]]]);
  expect(progressOf(told, story).lines).toEqual([`WARN ${title}`, '  connect refused']);
  expect(reportOf(story)?.markdown).toContain(`| ${title} |`);
});
