// Backups against the tools people would use instead, on one tree in one run: `node bench/backup.ts [megabytes] [files]`.

import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath } from 'node:process';
import { report, row } from './support/table.ts';

const megabytes = Number(argv[2] ?? 500);
const files = Number(argv[3] ?? 15_000);
const root = mkdtempSync(join(tmpdir(), 'dhash-bench-'));
const release = join(root, 'releases/v1.0.0-d-1');

try {
  fill();
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
  const { createMs = 0, verifyMs = 0, restoreMs = 0, bytes = 0 } = ours;
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
      row('P5', 'verify / sha256sum + unzip -t, ms', verifyMs, peers.sha256sumMs + peers.unzipTestMs, 0.5),
      row('P6', 'restore / sha256sum + unzip, ms', restoreMs, peers.sha256sumMs + peers.unzipMs, 0.5),
    ],
    { megabytes, files, ours },
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}

// Two fifths media that does not shrink, two fifths text, one fifth many small files of a program's kind.
function fill(): void {
  mkdirSync(join(root, 'shared/data'), { recursive: true });
  const part = (megabytes * 1_000_000) / 5;
  const line = Array.from(
    { length: 20_000 },
    (_, index) => `2026-11-23T12:${index % 60} GET /hash/${(index * 7_919) % 999_983} 200 ${index % 97}ms\n`,
  ).join('');
  for (let index = 0; index < 8; index += 1) {
    writeFileSync(join(root, 'shared/data', `media${index}`), randomFillSync(Buffer.alloc(part / 4)));
    writeFileSync(join(root, 'shared/data', `log${index}`), Buffer.alloc(part / 4, line));
  }
  const code = Array.from(
    { length: 400 },
    (_, index) => `export function f${(index * 31) % 977}(a) { return a * ${(index * 7_919) % 10_007}; }\n`,
  ).join('');
  const size = Math.max(1, Math.floor(part / files));
  for (let index = 0; index < files; index += 1) {
    const folder = join(release, `lib/m${index % 500}`);
    if (index < 500) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `f${index}.js`), `// ${index}\n${code.repeat(Math.ceil(size / code.length)).slice(0, size)}`);
  }
}

function timed(program: string, words: readonly string[]): number {
  const from = performance.now();
  execFileSync(program, words, { cwd: root, stdio: 'ignore' });
  return Math.round(performance.now() - from);
}
