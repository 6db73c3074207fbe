import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from '../../src/program.ts';

const ROOT = join(import.meta.dirname, '../..');

async function say(words: readonly string[], change: (yml: string) => string = (yml) => yml) {
  const lines: string[] = [];
  const exit = await runProgram({
    argv: ['templates', ...words],
    env: { DHASH_CONFIG: join(ROOT, 'config/example.yml') },
    user: 'root',
    projectDir: ROOT,
    readText: async (path) => (path.endsWith('example.yml') ? change(await readFile(path, 'utf8')) : readFile(path, 'utf8')),
    output: { line: (line) => lines.push(line), trouble: (line) => lines.push(line), current: () => {} },
    stderr: { write: () => true },
    signal: new AbortController().signal,
    onUnhandled: () => {},
  });
  return { exit, text: lines.join('\n') };
}

test('shows every template with the wording of dhash.yml, and sends nothing', async () => {
  const { exit, text } = await say(['preview']);
  expect(exit).toBe(0);
  expect(text.match(/^=== \w+/gm)).toHaveLength(8);
  expect(text).toContain('OK mobius-dhash v2.1.0 is live in production');
  expect(text).toContain('Please report anything odd to Ana Lead.');
});

test.each([
  ['text', /OK mobius-dhash/],
  ['slack', /"type": "header"/],
  ['mail', /Subject: \[mobius-dhash production\]/],
  ['html', /<!doctype html>/],
  ['teams', /"AdaptiveCard"/],
])('shows one as %s', async (format, looks) => {
  expect(await say(['preview', 'success', '--format', format])).toMatchObject({ exit: 0, text: expect.stringMatching(looks) });
});

test('fails over wording that would not be sent, naming what is open', async () => {
  const { exit, text } = await say(['preview', 'success'], (yml) => yml.replace('Thank you all.', 'Since [DATE].'));
  expect(exit).toBe(1);
  expect(text).toContain('It would not be sent: [DATE] is not filled in. Mend notify.wording.success in dhash.yml.');
});

test('says what to type for a template or a format that is not known', async () => {
  expect(await say(['preview', 'hello'])).toMatchObject({ exit: 2, text: expect.stringContaining('Write one of: announcement') });
  expect(await say(['preview', '--format', 'fax'])).toMatchObject({ exit: 2, text: expect.stringContaining('Write one of: text') });
});
