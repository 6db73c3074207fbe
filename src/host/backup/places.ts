// Where the entries of a backup come to lie, and how a file's content gets there.

import { closeSync, fchmodSync, fchownSync, fsyncSync, futimesSync, openSync, writeSync } from 'node:fs';
import { getgid, getuid, umask } from 'node:process';
import type { ManifestEntry } from './manifest.ts';

export interface Places {
  /** Absolute, in a folder that exists; must not exist itself. */
  readonly releaseFolder: string;
  /** The same for the shared part; null = leave it packed. */
  readonly sharedFolder: string | null;
}

/** null = stays packed. The path was found to be a clean one when the archive was opened. */
export function placeOf({ releaseFolder, sharedFolder }: Places, { path }: ManifestEntry): string | null {
  const cut = path.indexOf('/');
  const [tree, rest] = cut === -1 ? [path, ''] : [path.slice(0, cut), path.slice(cut)];
  if (tree === 'release') return `${releaseFolder}${rest}`;
  return tree === 'shared' && sharedFolder !== null ? `${sharedFolder}${rest}` : null;
}

/** Where the contents of files go, one after the other. A content is proved only once `end` is called. */
export interface Sink {
  readonly begin: (entry: ManifestEntry) => void;
  readonly write: (content: Buffer) => void;
  readonly end: (entry: ManifestEntry) => void;
}

const LOOK_ONLY: Sink = { begin: () => undefined, write: () => undefined, end: () => undefined };

/** null = only look. Otherwise the folders exist. */
export function sinkOf(places: Places | null): Sink {
  if (places === null) return LOOK_ONLY;
  const mask = umask();
  let fd = -1;
  return {
    begin: (entry) => {
      if (entry.kind === 'file') fd = openSync(placeOf(places, entry) ?? '', 'wx', entry.mode);
    },
    write: (content) => {
      for (let done = 0; fd !== -1 && done < content.length; ) done += writeSync(fd, content, done);
    },
    end: (entry) => {
      if (fd === -1) return;
      if (isOthers(entry)) fchownSync(fd, entry.uid, entry.gid);
      if ((entry.mode & mask) !== 0) fchmodSync(fd, entry.mode);
      futimesSync(fd, entry.mtime / 1_000, entry.mtime / 1_000);
      // A release can be unpacked again; data that replaces other data must survive a power cut.
      if (entry.path.startsWith('shared/')) fsyncSync(fd);
      closeSync(fd);
      fd = -1;
    },
  };
}

/** Only root may give files away; everybody else's stay their own. */
export function isOthers({ uid, gid }: ManifestEntry): boolean {
  return getuid?.() === 0 && (uid !== 0 || gid !== getgid?.());
}
