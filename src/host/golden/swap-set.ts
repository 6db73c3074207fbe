// Golden sets on disk: found, staged beside, and put in place as a whole.

import { cp, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from '../errno.ts';
import { syncFolder } from '../files.ts';

/** What belongs to a set; everything else in the folder (the per-OS sets) is not touched. `debug` shows the old golden, so it goes. */
const OF_A_SET: readonly string[] = ['frames', 'container.json', 'audio_stats.json', 'video.mp4', 'debug'];

/** Where a proposal waits for `golden approve`: `<golden>/.proposed/<game>[/<os>]`. */
export function proposalOf(goldenRoot: string, set: string): string {
  return join(goldenRoot, '.proposed', set);
}

/** A per-OS proposal lies inside the common one's folder, so only what belongs to this set goes, and folders that are empty then. */
export async function dropProposal(goldenRoot: string, set: string): Promise<void> {
  const proposal = proposalOf(goldenRoot, set);
  for (const name of OF_A_SET) await rm(join(proposal, name), { recursive: true, force: true });
  for (let folder = proposal; folder !== goldenRoot; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') return;
    }
  }
}

/** Seconds of the frames the set holds, in order; empty when there is no set. */
export async function framesIn(folder: string): Promise<readonly number[]> {
  const names = await readdir(join(folder, 'frames')).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const times = names.flatMap((name) => {
    const [, whole, part = '0'] = /^frame_(\d+)(?:p(\d+))?s\.png$/.exec(name) ?? [];
    return whole === undefined ? [] : [Number(`${whole}.${part}`)];
  });
  return times.sort((one, other) => one - other);
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Puts the staged set where `folder` is. The folder is replaced by one rename after the old one was moved aside, so nobody ever sees half a set;
 * after a crash between the two, `recoverSet` brings the old one back.
 */
export async function replaceSet(folder: string, staged: string): Promise<void> {
  await recoverSet(folder);
  const { next, old } = besides(folder);
  await rm(next, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await cp(staged, next, { recursive: true });
  const there = await isThere(folder);
  if (there) {
    for (const name of await readdir(folder)) {
      if (!OF_A_SET.includes(name)) await cp(join(folder, name), join(next, name), { recursive: true, verbatimSymlinks: true });
    }
    await rename(folder, old);
  }
  await rename(next, folder);
  await syncFolder(dirname(folder));
  await rm(old, { recursive: true, force: true });
}

/** Ends what a crash interrupted: the old set comes back when the new one was not in place yet. */
export async function recoverSet(folder: string): Promise<void> {
  const { old } = besides(folder);
  if (!(await isThere(old))) return;
  if (await isThere(folder)) await rm(old, { recursive: true, force: true });
  else await rename(old, folder);
}

function besides(folder: string): { readonly next: string; readonly old: string } {
  const name = basename(folder);
  return { next: join(dirname(folder), `.${name}.new`), old: join(dirname(folder), `.${name}.old`) };
}
