// `.dhash-release.json` inside each release: which tag and commit it is, long after the job that fetched it.

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BotError } from '../../core/error.ts';
import { formatUtc, type Instant } from '../../core/time.ts';
import { errnoOf } from '../errno.ts';
import { writeDurably } from '../files.ts';

export interface ReleaseFacts {
  readonly tag: string;
  readonly commit: string;
  readonly id: string;
  readonly createdAt: Instant;
}

export const RELEASE_MARKER = '.dhash-release.json';

const FACTS = z.object({
  tag: z.string(),
  commit: z.string(),
  id: z.string(),
  createdAt: z.iso.datetime().transform((text) => Date.parse(text)),
});

/** What the release at this path is; null when it has no (whole) marker file. */
export async function readRelease(release: string): Promise<ReleaseFacts | null> {
  try {
    return FACTS.safeParse(JSON.parse(await readFile(join(release, RELEASE_MARKER), 'utf8'))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** Replaces whatever stands under that name in the release, a link too. */
export async function writeRelease(release: string, facts: ReleaseFacts): Promise<void> {
  const path = join(release, RELEASE_MARKER);
  await rm(path, { recursive: true, force: true });
  await writeDurably(path, `${JSON.stringify({ ...facts, createdAt: formatUtc(facts.createdAt) }, null, 2)}\n`);
}

/** `<tag>-<id>`, the folder's name; throws for an id that could leave the folder. */
export function releaseName(tag: string, id: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(id))
    throw new BotError({ code: 'bad-release-id', message: `"${id}" cannot name a release`, hint: null });
  return `${tag}-${id}`;
}
