// What a new golden set would change about the one that is there, as lines for people; none = nothing.

import { readFile } from 'node:fs/promises';
import { framePng, goldenVideo } from '../../core/golden.ts';
import { canonicalJson, type Json, type JsonObject } from '../../core/json.ts';
import { errnoOf } from '../errno.ts';
import { hashFile } from '../hash-file.ts';
import { framesIn } from './swap-set.ts';

// When and from where it was made says nothing about what it holds.
const SHELL: readonly string[] = ['input', 'generated_at', 'filename'];

export async function setChanges(old: string, next: string): Promise<readonly string[]> {
  const [was, is] = await Promise.all([framesIn(old), framesIn(next)]);
  const frames = [...new Set([...was, ...is])].sort((one, other) => one - other);
  const lines: string[] = [];
  for (const path of [...frames.map((atS) => framePng('', atS)), goldenVideo('')]) {
    const name = path.slice(1);
    const [before, after] = await Promise.all([digestOf(old + path), digestOf(next + path)]);
    if (before === after) continue;
    if (after === null) lines.push(`${name} goes away`);
    else lines.push(before === null ? `${name} is new` : `${name} shows something else`);
  }
  for (const file of ['container.json', 'audio_stats.json']) {
    const [from, to] = await Promise.all([readFlat(`${old}/${file}`), readFlat(`${next}/${file}`)]);
    const keys = [...new Set([...from.keys(), ...to.keys()])].sort();
    for (const key of keys) {
      const [before = 'nothing', after = 'nothing'] = [from.get(key), to.get(key)];
      if (before !== after) lines.push(`${file}: ${key} ${before} -> ${after}`);
    }
  }
  return lines;
}

/** null = there is no such file. */
async function digestOf(path: string): Promise<string | null> {
  try {
    return await hashFile(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function readFlat(path: string): Promise<ReadonlyMap<string, string>> {
  const flat = new Map<string, string>();
  const walk = (value: Json | undefined, at: string): void => {
    if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) if (!SHELL.includes(key)) walk(inner, at === '' ? key : `${at}.${key}`);
    } else flat.set(at, canonicalJson(value));
  };
  const text = await readFile(path, 'utf8').catch(() => '{}');
  try {
    walk(JSON.parse(text), '');
  } catch {
    flat.set('(all)', 'not JSON');
  }
  return flat;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
