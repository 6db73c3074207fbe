import { expect, test } from 'vitest';
import { load, problems, withValue } from './support.ts';

test('reports are linked to where people reach them, with one slash at the end', async () => {
  for (const url of ['https://ops.example.com/reports', 'https://ops.example.com/reports/'])
    expect((await load(withValue('reports.url', url))).config.reports.url).toBe('https://ops.example.com/reports/');
  expect((await load(withValue('reports.url', null))).config.reports.url).toBeNull();
});

test.each(['ops.example.com', 'ftp://ops/reports', 'https://ops/reports?x=1', 'https://me:secret@ops/', 5])(
  '%j is no place for reports',
  async (url) => {
    expect((await problems(withValue('reports.url', url))).join('\n')).toContain('reports.url');
  },
);

test('an unknown key is refused', async () => {
  expect((await problems(withValue('reports', { link: 'x' }))).join('\n')).toContain('reports');
});
