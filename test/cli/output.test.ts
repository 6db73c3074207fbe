import { expect, test } from 'vitest';
import { createOutput } from '../../src/cli/output.ts';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, columns: 40, write: (text: string) => written.push(text) };
  return { written, output: createOutput(stream, stream) };
}

test('what is written names the characters that would drive the terminal, and JSON stays the same JSON', () => {
  const { written, output } = terminal(false);
  const value = { tag: 'v1\u001b]0;title\u0007', name: '\u009b2J \u202egpj', odd: '\u{e0041}' };
  output.line(JSON.stringify(value));
  output.trouble('no verb "\u001b[2J"\nsecond line');
  expect(written).toEqual([expect.stringMatching(/^[\n -~]+$/), 'no verb "\\u001b[2J"\nsecond line\n']);
  expect(JSON.parse(written[0] ?? '')).toEqual(value);
});

test('the current line is drawn over by our own words alone', () => {
  const { written, output } = terminal(true);
  output.current('waiting: \u001b[1A\u009b2K');
  output.current(null);
  expect(written).toEqual(['waiting: \\u001b[1A\\u009b2K', '\r\u001b[K']);
});
