// Says of a backup whether it is what was sealed. Never writes.

import type { Verified } from '../../core/backup.ts';
import { hashBehind } from '../hash-file.ts';
import { type Archive, openArchive } from './archive.ts';
import { broken, isBroken } from './broken.ts';
import { readThrough } from './read-through.ts';
import { demandSeal, type Sealed, withSealed } from './sealed.ts';

export interface VerifyOrder {
  readonly root: string;
  readonly environment: string;
  readonly file: string;
  readonly depth: 'full' | 'checksum';
}

export async function verify(order: VerifyOrder): Promise<Verified> {
  try {
    return await withSealed(order.root, order.file, async (sealed) => {
      const archive = await demandSeal(sealed, async () => {
        const opened = open(sealed, order.environment);
        return { result: opened, sha256: order.depth === 'full' ? await readThrough(opened, null) : await hashBehind(sealed.fd) };
      });
      return verified(sealed, archive);
    });
  } catch (error) {
    if (!isBroken(error)) throw error;
    return { kind: 'broken', code: error.code, detail: error.message };
  }
}

/** Opens the archive and demands that it is this environment's and fits its file name. */
export function open(sealed: Sealed, environment: string): Archive {
  const archive = openArchive(sealed.fd, sealed.size);
  const { manifest } = archive;
  if (manifest.environment !== environment) throw broken('other-backup', `It was made of ${manifest.environment}, not of ${environment}.`);
  if (manifest.tag !== sealed.tag) throw broken('other-backup', `It holds ${manifest.tag}; its file name says ${sealed.tag}.`);
  return archive;
}

function verified(sealed: Sealed, { manifest }: Archive): Verified {
  const { kind: purpose, tag, commit, createdAt, job, entries } = manifest;
  const files = entries.filter(({ kind }) => kind === 'file').length;
  return { kind: 'verified', purpose, tag, commit, createdAt, job, bytes: sealed.size, files, sha256: sealed.sha256 };
}
