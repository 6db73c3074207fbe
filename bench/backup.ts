// Backups against the tools people would use instead, on one tree in one run: `node bench/backup.ts [megabytes] [files]`.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath } from 'node:process';
import { report, row } from './support/table.ts';
import { fillTree } from './support/tree.ts';

const megabytes = Number(argv[2] ?? 500);
const files = Number(argv[3] ?? 15_000);
const root = mkdtempSync(join(tmpdir(), 'dhash-bench-'));
const release = join(root, 'releases/v1.0.0-d-1');

try {
  fillTree({ data: join(root, 'shared/data'), program: release, megabytes, files });
  const ours: Record<string, number> = JSON.parse(
    execFileSync(execPath, [join(import.meta.dirname, '../test/fixtures/backup/round-trip.ts'), root, release], { encoding: 'utf8' }),
  );
  const zip = join(root, 'peer.zip');
  const peers = {
    zipMs: timed('zip', ['-qry', zip, 'releases', 'shared']),
    sha256sumMs: timed('sha256sum', [zip]),
    unzipTestMs: timed('unzip', ['-tqq', zip]),
    unzipMs: timed('unzip', ['-qq', '-d', join(root, 'unpacked'), zip]),
    bytes: statSync(zip).size,
  };
  const { createMs = 0, verifyMs = 0, restoreDataMs = 0, bytes = 0, workMb = 0 } = ours;
  report(
    [
      row(
        'P4',
        'create + verify / zip + sha256sum + unzip -t, ms',
        createMs + verifyMs,
        peers.zipMs + peers.sha256sumMs + peers.unzipTestMs,
        0.4,
      ),
      row('P4', 'size / zip, bytes', bytes, peers.bytes, 1),
      row('P4', 'memory of the process that does it, at its peak / 200 MB', workMb, 200, 1),
      row('P5', 'verify / sha256sum + unzip -t, ms', verifyMs, peers.sha256sumMs + peers.unzipTestMs, 0.5),
      row('P6', 'restore, data included / sha256sum + unzip, ms', restoreDataMs, peers.sha256sumMs + peers.unzipMs, 0.5),
    ],
    { megabytes, files, ours },
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}

function timed(program: string, words: readonly string[]): number {
  // As before each step of ours.
  execFileSync('sync');
  const from = performance.now();
  execFileSync(program, words, { cwd: root, stdio: 'ignore' });
  return Math.round(performance.now() - from);
}
