import { describe, expect, test } from 'vitest';
import { METRICS_MAX_BYTES, parseMetrics } from '../../src/checks/prometheus.ts';

describe('reading Prometheus text', () => {
  test.each<[string, string, readonly unknown[]]>([
    ['a bare counter', 'up 1', [{ name: 'up', labels: {}, value: 1 }]],
    ['labels', 'a{x="1",y="two"} 2.5', [{ name: 'a', labels: { x: '1', y: 'two' }, value: 2.5 }]],
    ['a comma after the last label', 'a{x="1",} 2', [{ name: 'a', labels: { x: '1' }, value: 2 }]],
    ['empty braces', 'a{} 2', [{ name: 'a', labels: {}, value: 2 }]],
    ['escapes in a label', String.raw`a{p="q\"r\\s\nt}"} 1`, [{ name: 'a', labels: { p: 'q"r\\s\nt}' }, value: 1 }]],
    ['spaces and tabs', '  a { x = "1" , y="2" }\t 3 ', [{ name: 'a', labels: { x: '1', y: '2' }, value: 3 }]],
    ['a timestamp', 'a 3 1700000000000', [{ name: 'a', labels: {}, value: 3 }]],
    ['an exemplar', 'a_bucket{le="1"} 3 # {trace="x"} 0.4', [{ name: 'a_bucket', labels: { le: '1' }, value: 3 }]],
    ['exponents', 'a 1.5e+3', [{ name: 'a', labels: {}, value: 1_500 }]],
    ['infinity', 'a +Inf', [{ name: 'a', labels: {}, value: Number.POSITIVE_INFINITY }]],
    ['minus infinity', 'a -Inf', [{ name: 'a', labels: {}, value: Number.NEGATIVE_INFINITY }]],
    ['not a number', 'a NaN', [{ name: 'a', labels: {}, value: Number.NaN }]],
    [
      'comments, blank lines, carriage returns and the end mark',
      '# HELP a it\r\n# TYPE a counter\r\n\r\na 1\r\n# EOF\r\n',
      [{ name: 'a', labels: {}, value: 1 }],
    ],
    ['nothing at all', '', []],
  ])('takes %s', (_title, text, expected) => {
    const parsed = parseMetrics(text);
    expect(parsed.kind === 'parsed' ? parsed.metrics : parsed).toEqual(expected);
  });

  test('knows a series that is declared and has no value yet', () => {
    const parsed = parseMetrics('# TYPE http_requests_total counter\n');
    expect(parsed).toMatchObject({ kind: 'parsed', metrics: [] });
    expect(parsed.kind === 'parsed' && parsed.declared.has('http_requests_total')).toBe(true);
  });

  test.each([
    ['a web page', '<!DOCTYPE html><p>hello', 'a web page, not metrics'],
    ['a web page after blank lines', '\n <html>', 'a web page, not metrics'],
    ['JSON', '{"up": 1}', 'line 1 is not a metric'],
    ['a line without a value', 'a 1\nb', 'line 2 is not a metric'],
    ['a word for a value', 'a many', 'line 1 is not a metric'],
    ['an open label', 'a{x="1 2', 'line 1 is not a metric'],
    ['a label twice', 'a{x="1",x="2"} 1', 'line 1 is not a metric'],
    ['a series twice', 'a{x="1",y="2"} 1\na{y="2",x="1"} 3', 'line 2 repeats a'],
    ['too much', 'a'.repeat(METRICS_MAX_BYTES + 1), `more than ${METRICS_MAX_BYTES} bytes`],
  ])('refuses %s', (_title, text, why) => {
    expect(parseMetrics(text)).toEqual({ kind: 'broken', why });
  });

  test('reads hostile lines in no time', () => {
    const started = performance.now();
    parseMetrics(`a{${'x="\\\\'.repeat(20_000)}`);
    parseMetrics(`a ${'1'.repeat(500_000)}x`);
    parseMetrics(`a{${' '.repeat(500_000)}`);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
