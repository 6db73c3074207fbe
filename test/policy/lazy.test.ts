// What draws is heavy: the idle bot loads none of it.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }));
const naming = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);

test('echarts and resvg are named in one file each, which only the process that draws loads', () => {
  expect(naming(/from 'echarts/)).toEqual(['charts/figure.ts']);
  expect(naming(/from '@resvg/)).toEqual(['charts/picture.ts']);
  expect(naming(/(?:from |import\()'[^']*\/(?:figure|picture)\.ts'/)).toEqual(['charts/worker.ts']);
  expect(naming(/^import (?!type)[^;]*from '[^']*charts\/worker\.ts'/m)).toEqual([]);
});

test('execa is loaded by the first program that is run, not by who only asks how things stand', () => {
  expect(naming(/^import (?!type)[^;]*from 'execa'/m)).toEqual([]);
});
