import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openArchive } from '../../../src/host/backup/archive.ts';
import { verify } from '../../../src/host/backup/verify.ts';
import { codeOf, FILE, SIGNAL, world } from './world.ts';

async function madeWorld() {
  const made = world();
  for (let index = 0; index < 12; index += 1) made.write(`releases/v1.0.0-d-1/f${index}`, `content ${index} `.repeat(index * 20));
  made.write('releases/v1.0.0-d-1/large', Buffer.alloc(1_200_000, 'some text that repeats but not for ever, '));
  made.write('shared/data/d', 'data');
  const { file } = await made.create();
  const path = join(made.root, 'backups', file);
  const look = (depth: 'full' | 'checksum') => verify({ root: made.root, environment: 'production', file, depth });
  return { ...made, file, path, zip: readFileSync(path), look };
}

test('finds a zip broken that is cut off anywhere', async () => {
  const { path, zip, look } = await madeWorld();
  const ends = new Set([
    ...Array.from({ length: 100 }, (_, percent) => Math.floor((zip.length * percent) / 100)),
    ...Array.from({ length: 64 }, (_, byte) => zip.length - 1 - byte),
  ]);
  for (const end of ends) {
    writeFileSync(path, zip.subarray(0, end));
    expect(await look('full'), `cut at ${end}`).toMatchObject({ kind: 'broken', code: 'checksum-mismatch' });
  }
});

test('finds a single flipped bit anywhere, with the seal and without it', async () => {
  const { path, zip, look, judge } = await madeWorld();
  const random = seeded(20_261_123);
  const before = contentsOf(path);
  for (let round = 0; round < 300; round += 1) {
    const flipped = Buffer.from(zip);
    const at = Math.floor(random() * zip.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    writeFileSync(path, flipped);
    expect(await look('full'), `bit in byte ${at}`).toMatchObject({ kind: 'broken', code: 'checksum-mismatch' });
    expect(await look('checksum'), `bit in byte ${at}`).toMatchObject({ kind: 'broken', code: 'checksum-mismatch' });
    // Sealed anew, as the old troubleshooting step did it.
    if (round % 3 === 0 && (await judge(flipped)) === 'verified') expect(contentsOf(path), `resealed, bit in byte ${at}`).toEqual(before);
  }
});

test('names each way in which a seal can be wrong, and takes only the exact one', async () => {
  const { environment, backups, root, file, path, zip, look } = await madeWorld();
  const sidecar = `${path}.sha256`;
  const right = readFileSync(sidecar, 'utf8');
  const hash = right.slice(0, 64);
  const cases: readonly (readonly [text: string, code: string])[] = [
    ['', 'sidecar-empty'],
    ['\n', 'sidecar-empty'],
    [`\uFEFF${right}`, 'sidecar-bom'],
    [right.replace('\n', '\r\n'), 'sidecar-crlf'],
    [right + right, 'sidecar-lines'],
    [`${right}\n`, 'sidecar-lines'],
    [right.trimEnd(), 'sidecar-form'],
    [right.replace('  ', ' *'), 'sidecar-form'],
    [right.replace('  ', ' '), 'sidecar-form'],
    [hash, 'sidecar-form'],
    [`${hash}\n`, 'sidecar-form'],
    [right.slice(1), 'sidecar-form'],
    [` ${right}`, 'sidecar-form'],
    [`\\${right}`, 'sidecar-form'],
    [right.toUpperCase().replace(/ {2}.*/, `  backups/${file}`), 'sidecar-case'],
    [`${hash}  ${file}\n`, 'sidecar-other-file'],
    [`${hash}  ./backups/${file}\n`, 'sidecar-other-file'],
    [`${hash}  ${path}\n`, 'sidecar-other-file'],
    [`${hash}  backups/dhash_20261123_120001_v1.0.0.zip\n`, 'sidecar-other-file'],
    [`${'0'.repeat(64)}  backups/${file}\n`, 'checksum-mismatch'],
  ];
  for (const [text, code] of cases) {
    writeFileSync(sidecar, text);
    expect(await look('checksum'), JSON.stringify(text)).toMatchObject({ kind: 'broken', code });
  }
  rmSync(sidecar);
  expect(await look('full')).toMatchObject({ kind: 'broken', code: 'sidecar-missing' });
  writeFileSync(sidecar, right);
  expect(await backups.verify(environment, file, 'checksum', SIGNAL)).toMatchObject({ kind: 'verified', tag: 'v1.0.0', bytes: zip.length });
  symlinkSync(sidecar, join(root, 'backups', `${FILE.replace('120000', '120009')}.sha256`));
  writeFileSync(join(root, 'backups', FILE.replace('120000', '120009')), zip);
  expect(await backups.verify(environment, FILE.replace('120000', '120009'), 'full', SIGNAL)).toMatchObject({ code: 'not-a-file' });
});

test('never opens anything but a regular file of its own folder', async () => {
  const { environment, backups, root, file, path, write } = await madeWorld();
  write('backups/elsewhere', readFileSync(path));
  rmSync(path);
  const code = async (name: string) => {
    const found = await backups.verify(environment, name, 'full', SIGNAL);
    return found.kind === 'broken' ? found.code : found.kind;
  };

  expect(await code(file)).toBe('missing');
  symlinkSync('elsewhere', path);
  expect(await code(file)).toBe('not-a-file');
  rmSync(path);
  mkdirSync(path);
  expect(await code(file)).toBe('not-a-file');
  for (const name of ['../VERSION', '', 'elsewhere', `backups/${file}`, `${file}\n`, 'dhash_20261123_120000_...zip'])
    expect(await code(name)).toBe('not-a-backup-name');
  expect(await codeOf(backups.restore({ environment, file, id: 'r-1', data: false, signal: SIGNAL }))).toBe('backup-broken');
  expect(await codeOf(backups.restore({ environment, file: '../x.zip', id: 'r-1', data: false, signal: SIGNAL }))).toBe(
    'not-a-backup-name',
  );
  expect(await codeOf(backups.restore({ environment, file, id: '../r', data: false, signal: SIGNAL }))).toBe('not-a-backup-name');
  expect(root).toBeDefined();
});

test('refuses a backup of another environment, and one that was renamed to another version', async () => {
  const { environment, backups, root, path, seal } = await madeWorld();
  const renamed = 'dhash_20261123_120000_v2.0.0.zip';
  seal(readFileSync(path), renamed);

  expect(await backups.verify({ ...environment, name: 'staging' }, FILE, 'full', SIGNAL)).toMatchObject({ code: 'other-backup' });
  expect(await backups.verify(environment, renamed, 'full', SIGNAL)).toMatchObject({ code: 'other-backup' });
  renameSync(path, join(root, 'backups/gone'));
});

test('unpacks nothing of a damaged backup', async () => {
  const { environment, backups, root, file, path, zip } = await madeWorld();
  const flipped = Buffer.from(zip);
  const at = zip.indexOf('release/large') + 2_000;
  flipped[at] = (flipped[at] ?? 0) ^ 1;
  writeFileSync(path, flipped);
  const before = createHash('sha256')
    .update(readFileSync(join(root, 'shared/data/d')))
    .digest('hex');

  expect(await codeOf(backups.restore({ environment, file, id: 'r-1', data: true, signal: SIGNAL }))).toBe('backup-broken');
  expect(await codeOf(backups.restore({ environment, file, id: 'r-1', data: true, signal: AbortSignal.abort() }))).toBe('backup-canceled');
  expect(
    createHash('sha256')
      .update(readFileSync(join(root, 'shared/data/d')))
      .digest('hex'),
  ).toBe(before);
  expect(readdirSync(join(root, 'releases'))).toEqual(['v1.0.0-d-1']);
});

// What verification vouches for: a flip that it lets pass, once sealed anew, lies in a date or in bits that mean nothing.
function contentsOf(path: string): readonly string[] {
  const fd = openSync(path, 'r');
  try {
    const { manifest } = openArchive(fd, fstatSync(fd).size);
    return manifest.entries.map(({ path: name, kind, mode, sha256, target }) => `${name} ${kind} ${mode} ${sha256} ${target}`);
  } finally {
    closeSync(fd);
  }
}

// Mulberry32: the same flips in every run.
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
