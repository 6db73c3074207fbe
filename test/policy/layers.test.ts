import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');

/** Folder -> folders it may name, beside itself. */
const MAY_NAME: Readonly<Record<string, readonly string[]>> = {
  core: [],
  checks: ['core'],
  config: ['core', 'checks'],
  jobs: ['core', 'checks'],
  premerge: ['core', 'checks', 'jobs', 'templates'],
  commands: ['core', 'jobs'],
  engine: ['core'],
  templates: ['core'],
  store: ['core'],
  host: ['core'],
  charts: ['core'],
  proxy: ['core', 'host'],
  slack: ['core', 'templates'],
  notify: ['core', 'templates'],
  cli: ['core', 'templates', 'commands'],
  verbs: ['core', 'checks', 'config', 'commands', 'premerge', 'store', 'host', 'slack', 'templates', 'cli', '(root)', '..'],
};

function imports(): readonly { readonly file: string; readonly from: string; readonly to: string }[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    const named = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) =>
      relative(SRC, resolve(SRC, dirname(file), path)),
    );
    return named.map((to) => ({ file, from: top(file), to: top(to) }));
  });
}

function top(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : '(root)';
}

test('every folder of src has its place in the rule', () => {
  const folders = new Set(imports().flatMap(({ from, to }) => [from, to]));
  folders.delete('(root)');
  folders.delete('..');
  expect([...folders].filter((folder) => !(folder in MAY_NAME))).toEqual([]);
});

test('inner folders never name outer ones', () => {
  const wrong = imports().filter(({ from, to }) => from !== '(root)' && from !== to && !(MAY_NAME[from] ?? []).includes(to));
  expect(wrong.map(({ file, to }) => `${file} names ${to}`)).toEqual([]);
});

test('the import graph was really read', () => {
  expect(imports().length).toBeGreaterThan(200);
});
