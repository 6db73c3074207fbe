import { expect, test } from 'vitest';
import { createOutputLines } from '../../src/host/commands/output-lines.ts';
import { createRedactor } from '../../src/host/redact.ts';
import { heldBytes } from '../support/held.ts';

function linesOf(chunks: readonly (string | Buffer)[], secrets: readonly string[] = []): readonly string[] {
  const lines: string[] = [];
  const output = createOutputLines(createRedactor(secrets), (line) => lines.push(line));
  for (const chunk of chunks) output.push(Buffer.from(chunk));
  output.end();
  return lines;
}

test('puts lines together from pieces, whatever their ends', () => {
  expect(linesOf(['one\ntw', 'o\r\nthree\rfour\n\n', 'five'])).toEqual(['one', 'two', 'three', 'four', 'five']);
  expect(linesOf([])).toEqual([]);
});

test('keeps a character whole that arrives in two pieces', () => {
  const euro = Buffer.from('€\n');
  expect(linesOf([euro.subarray(0, 1), euro.subarray(1)])).toEqual(['€']);
});

test('takes colors, control characters and marks that turn text around out', () => {
  expect(linesOf(['\u001b[31mred\u001b[0m\u0007 a\tb \u202egpj.exe\u001b]8;;http://x\u0007link\n'])).toEqual(['red a  b gpj.exelink']);
});

test('cuts a line at 4 KB and says so', () => {
  const [line = '', next] = linesOf([`${'x'.repeat(5_000)}\nnext\n`]);
  expect(line).toHaveLength(4_096);
  expect(line.endsWith(' [cut]')).toBe(true);
  expect(next).toBe('next');
});

test('keeps a bounded memory for a line that never ends', () => {
  const lines: string[] = [];
  const output = createOutputLines(createRedactor([]), (line) => lines.push(line));
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  const before = heldBytes();
  for (let round = 0; round < 50; round += 1) output.push(chunk);
  expect(heldBytes() - before).toBeLessThan(4 * 1024 * 1024);
  output.end();
  expect(lines.map((line) => line.length)).toEqual([4_096]);
});

test('redacts before it cuts, and a secret that arrives in two pieces', () => {
  expect(linesOf(['my hunter', '2hunter2\n'], ['hunter2hunter2'])).toEqual(['my [redacted]']);
  const [line = ''] = linesOf([`${'x'.repeat(4_085)} hunter2hunter2 ${'y'.repeat(100)}\n`], ['hunter2hunter2']);
  expect(line).not.toContain('hunter');
});

test('a private key is left out with all its lines, and what comes after it is not', () => {
  const key = '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEpAIBAAKCAQEA\nabc+/=\n-----END RSA PRIVATE KEY-----\n';
  expect(linesOf([key, 'built\nno -----BEGIN PRIVATE KEY----- was found\nit goes on'])).toEqual([
    '[redacted]',
    'built',
    'no [redacted]',
    'it goes on',
  ]);
});

test('no half of a secret is left where a very long line is cut, however much of it was hidden', () => {
  const secret = 'q'.repeat(500);
  const [line] = linesOf([`${secret} `.repeat(40)], [secret]);
  expect(line).toMatch(/^[^q]*\[cut\]$/);
});
