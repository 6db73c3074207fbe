import { expect, test } from 'vitest';
import { BotError } from '../../src/core/error.ts';
import { createLog, type LogLevel } from '../../src/host/log.ts';
import { createRedactor } from '../../src/host/redact.ts';

function world(level: LogLevel = 'info') {
  const lines: string[] = [];
  const log = createLog({ level, redact: createRedactor(['hunter2']), destination: { write: (line) => void lines.push(line) } });
  return { log, lines, first: () => JSON.parse(lines[0] ?? '') };
}

test('writes one JSON object a line with level, time, facts and sentence', () => {
  const { log, lines, first } = world();
  log.info({ job: 'd-1', step: 2 }, 'Started');
  expect(lines).toHaveLength(1);
  expect(lines[0]?.endsWith('\n')).toBe(true);
  expect(first()).toMatchObject({ level: 'info', job: 'd-1', step: 2, msg: 'Started' });
  expect(new Date(first().time).getTime()).toBeGreaterThan(0);
});

test('redacts every string, wherever it stands', () => {
  const { log, lines, first } = world();
  const error = new BotError({
    code: 'x',
    message: 'said hunter2',
    hint: 'try hunter2',
    tail: ['hunter2'],
    cause: new Error('deep hunter2'),
  });
  log.error(
    {
      list: [{ deep: 'hunter2' }],
      error,
      map: new Map([['k', 'hunter2']]),
      url: new URL('http://a:hunter2@x/'),
      hunter2: 1,
      fn: () => 'hunter2',
      password: 1234,
    },
    'It was hunter2',
  );
  expect(lines.join('')).not.toContain('hunter2');
  expect(first()).toMatchObject({
    level: 'error',
    password: '[redacted]',
    error: { code: 'x', hint: 'try [redacted]', cause: { message: 'deep [redacted]' } },
  });
});

test('survives a circle, what is very deep, and values JSON has no word for', () => {
  const { log, first } = world();
  const circle: Record<string, unknown> = {
    big: 1n,
    date: new Date(0),
    bad: new Date(Number.NaN),
    bytes: Buffer.from('hunter2'),
    none: undefined,
  };
  circle['self'] = circle;
  let deep: unknown = 'end';
  for (let level = 0; level < 50; level += 1) deep = { deep };
  log.warn({ circle, deep }, 'Odd');
  expect(first().circle).toEqual({ big: '1', date: '1970-01-01T00:00:00.000Z', bad: null, bytes: '[7 bytes]', self: '[circular]' });
});

test('keeps to its level', () => {
  const { log, lines } = world('error');
  log.info({}, 'no');
  log.warn({}, 'no');
  log.error({}, 'yes');
  expect(lines).toHaveLength(1);
  const silent = world('silent');
  silent.log.error({}, 'no');
  expect(silent.lines).toEqual([]);
});

test('a line drives no terminal that it is read on', () => {
  const { log, lines, first } = world();
  log.info({ tag: '\u009b2J\u202egpj' }, 'a\u001b[2J');
  expect(lines[0]).toMatch(/^[ -~]+\n$/);
  expect(first()).toMatchObject({ tag: '\u009b2J\u202egpj', msg: 'a\u001b[2J' });
});
