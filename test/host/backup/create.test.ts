import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openPromise } from 'yauzl';
import type { Manifest } from '../../../src/host/backup/manifest.ts';
import { pack } from '../../../src/host/backup/pack.ts';
import { scan } from '../../../src/host/backup/scan.ts';
import { verify } from '../../../src/host/backup/verify.ts';
import { codeOf, NOON, SIGNAL, type World, world } from './world.ts';

const FIXTURE = join(import.meta.dirname, '../../fixtures/backup/create.ts');

/** Read by a library of others, not by the code that wrote it. */
async function manifestOf({ root }: World, file: string): Promise<Manifest> {
  const zip = await openPromise(join(root, 'backups', file));
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName === 'manifest.json') return JSON.parse(await text(await zip.openReadStreamPromise(entry)));
  }
  throw new Error(`${file} has no manifest.json`);
}

test('refuses a release with a link that leaves it, and names the link', async () => {
  const made = world();
  symlinkSync('/etc/passwd', join(made.release, 'secrets'));

  await expect(made.create()).rejects.toMatchObject({
    code: 'link-leaves-release',
    message: expect.stringContaining('release/secrets links to /etc/passwd'),
  });
  expect(readdirSync(join(made.root, 'backups'))).toEqual([]);
});

test('skips in shared data what cannot be saved, and lists it in the manifest and the log', async () => {
  const made = world();
  made.write('shared/data/kept', 'kept');
  symlinkSync('/etc/passwd', join(made.root, 'shared/data/out'));
  symlinkSync('kept', join(made.root, 'shared/data/in'));
  execFileSync('mkfifo', [join(made.root, 'shared/data/pipe')]);
  const server = createServer().listen(join(made.root, 'shared/data/socket'));
  await once(server, 'listening');
  const { file } = await made.create();
  server.close();

  const manifest = await manifestOf(made, file);
  expect(manifest.entries.map(({ path }) => path)).toEqual(['release', 'shared', 'shared/data', 'shared/data/in', 'shared/data/kept']);
  expect(manifest.skipped).toEqual([
    { path: 'shared/data/pipe', why: 'neither file, folder nor link' },
    { path: 'shared/data/socket', why: 'neither file, folder nor link' },
    { path: 'shared/data/out', why: 'link leaves shared: /etc/passwd' },
  ]);
  expect(made.warnings).toMatchObject([{ file, count: 3 }]);
});

test('refuses shared data that is itself a link elsewhere: the backup would not hold it', async () => {
  const made = world();
  mkdirSync(join(made.root, 'elsewhere'));
  symlinkSync('../elsewhere', join(made.root, 'shared/data'));
  expect(await codeOf(made.create())).toBe('shared-leaves-tree');
  expect(await codeOf(world({ shared: ['../data'] }).create())).toBe('bad-shared-name');
});

test('refuses names that could not be told apart or written elsewhere', async () => {
  const twins = world();
  twins.write('shared/data/Game.png', 'a');
  twins.write('shared/data/game.png', 'b');
  await expect(twins.create()).rejects.toMatchObject({
    code: 'name-collision',
    message: expect.stringContaining('Game.png and shared/data/game.png'),
  });

  const odd = world();
  odd.write('shared/data/back\\slash', 'a');
  expect(await codeOf(odd.create())).toBe('bad-name');
  const bytes = world();
  mkdirSync(join(bytes.root, 'shared/data'));
  writeFileSync(Buffer.concat([Buffer.from(join(bytes.root, 'shared/data/')), Buffer.from([0xff])]), 'a');
  expect(await codeOf(bytes.create())).toBe('bad-name');
  expect(await codeOf(world().create({ tag: '../x' }))).toBe('bad-tag');
  expect(await codeOf(world().create({ release: '/nowhere' }))).toBe('no-release');
});

test('saves nested shared names, and what a release ships under a shared name itself', async () => {
  const made = world({ shared: ['config/local', 'logs'] });
  made.write('shared/config/local/a', 'a');
  made.write('releases/v1.0.0-d-1/logs/b', 'b');
  mkdirSync(join(made.release, 'config'));
  symlinkSync('../../../shared/config/local', join(made.release, 'config/local'));
  const { file } = await made.create();
  const paths = [
    'release',
    'release/config',
    'release/logs',
    'release/logs/b',
    'shared',
    'shared/config',
    'shared/config/local',
    'shared/config/local/a',
  ];
  expect((await manifestOf(made, file)).entries.map(({ path }) => path)).toEqual(paths);

  const { release } = await made.backups.restore({ environment: made.environment, file, id: 'r-1', data: true, signal: SIGNAL });
  expect(readFileSync(join(release, 'config/local/a'), 'utf8')).toBe('a');
  expect(readFileSync(join(made.root, 'shared.before-r-1/config/local/a'), 'utf8')).toBe('a');
});

test('tells in the manifest what it really read when data changes meanwhile', async () => {
  const made = world();
  for (const name of ['grows', 'shrinks', 'vanishes', 'becomes-a-link']) made.write(`shared/data/${name}`, 'x'.repeat(100));
  const found = scan({ root: made.root, release: null, shared: ['data'] });
  const inData = (name: string) => join(made.root, 'shared/data', name);
  appendFileSync(inData('grows'), 'more');
  writeFileSync(inData('shrinks'), 'less');
  for (const name of ['vanishes', 'becomes-a-link']) rmSync(inData(name));
  symlinkSync('grows', inData('becomes-a-link'));
  const head = { environment: 'production', tag: 'v1.0.0', commit: 'abc', kind: 'manual' as const, createdAt: NOON, job: null, shared: [] };
  await pack(join(made.root, 'x.zip'), head, found);

  expect(await made.judge(readFileSync(join(made.root, 'x.zip')))).toBe('verified');
  const { entries, skipped } = await manifestOf(made, 'dhash_20261123_120000_v1.0.0.zip');
  expect(entries.filter(({ kind }) => kind === 'file').map(({ path, size }) => `${path} ${size}`)).toEqual([
    'shared/data/grows 104',
    'shared/data/shrinks 4',
  ]);
  expect(skipped.map(({ path }) => path)).toEqual(['shared/data/becomes-a-link', 'shared/data/vanishes']);
});

test('fails when a file of the release vanishes meanwhile', async () => {
  const made = world();
  made.write('releases/v1.0.0-d-1/a', 'a');
  const found = scan({ root: made.root, release: made.release, shared: [] });
  rmSync(join(made.release, 'a'));
  const head = { environment: 'production', tag: 'v1.0.0', commit: 'abc', kind: 'manual' as const, createdAt: NOON, job: null, shared: [] };

  expect(await codeOf(pack(join(made.root, 'x.zip'), head, found))).toBe('changed-while-reading');
});

test('says what is needed and what is free when the disk cannot hold it, before anything is written', async () => {
  const made = world({ freeBytes: 1_000_000 });
  made.write('shared/data/a', Buffer.alloc(1_500_000));

  await expect(made.create()).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringMatching(/need 1\.7 MB .* free are 1\.0 MB/),
  });
  expect(readdirSync(join(made.root, 'backups'))).toEqual([]);
  const roomy = world();
  roomy.write('releases/v1.0.0-d-1/a', Buffer.alloc(1_500_000));
  const { file } = await roomy.create();
  const tight = world({ freeBytes: 1_000_000 });
  tight.seal(readFileSync(join(roomy.root, 'backups', file)), file);
  expect(await codeOf(tight.backups.restore({ environment: tight.environment, file, id: 'r-1', data: false, signal: SIGNAL }))).toBe(
    'disk-full',
  );
  expect(readdirSync(join(tight.root, 'releases'))).toEqual(['v1.0.0-d-1']);
});

test('leaves nothing behind when the disk fills up on the way', () => {
  const made = world();
  made.write('shared/data/noise', execFileSync('head', ['-c', '3000000', '/dev/urandom'], { maxBuffer: 4_000_000 }));
  // A limit on the size of files (in KiB) stops the write as a full disk does.
  const told = execFileSync('bash', ['-c', `ulimit -f 1500; exec "$0" "$1" "$2" ${NOON}`, execPath, FIXTURE, made.root], {
    encoding: 'utf8',
  });

  expect(told).toBe('creating\nfailed disk-full\n');
  expect(readdirSync(join(made.root, 'backups'))).toEqual([]);
});

test('stops at once when it is canceled, and leaves nothing behind', async () => {
  const made = world();
  made.write('shared/data/large', Buffer.alloc(30_000_000, 'a text that takes a while to compress; '));
  const canceling = new AbortController();
  const creating = codeOf(made.create({ signal: canceling.signal }));
  await until(() => readdirSync(join(made.root, 'backups')).length > 0);
  canceling.abort();

  expect(await creating).toBe('backup-canceled');
  expect(readdirSync(join(made.root, 'backups'))).toEqual([]);
});

test('lists no half backup when it is killed on the way, and clears up the next time', async () => {
  const made = world();
  made.write('shared/data/a', Buffer.alloc(400_000, 'some text that repeats but not for ever, '));
  let complete = 0;
  for (const round of [0, 3, 6, 9]) {
    const child = spawn(execPath, [FIXTURE, made.root, String(NOON + round * 1_000_000), '50'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let seen = 0;
    // Killed at another moment of the work each time, by what it has done so far and some turns more.
    for await (const _line of createInterface(child.stdout)) {
      seen += 1;
      if (seen < 1 + round) continue;
      for (let turn = 0; turn < round * 25; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      child.kill('SIGKILL');
      break;
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const listed = await made.backups.list(made.environment);
    for (const { file } of listed.slice(0, listed.length - complete)) {
      const found = await verify({ root: made.root, environment: 'production', file, depth: 'full' });
      expect(found).toMatchObject({ kind: 'verified' });
    }
    complete = listed.length;
  }
  await made.create({ release: null, at: NOON + 1e9 });

  expect(complete).toBeGreaterThan(5);
  expect(readdirSync(join(made.root, 'backups')).filter((name) => name.startsWith('.tmp-'))).toEqual([]);
});

test('creates, verifies and restores much in little memory', { timeout: 60_000 }, () => {
  const made = world();
  const line = Buffer.from(Array.from({ length: 3_000 }, (_, index) => `${index} ${(index * 7_919) % 10_007} request served\n`).join(''));
  for (let index = 0; index < 2; index += 1) made.write(`shared/data/log${index}`, Buffer.alloc(25_000_000, line));
  made.write('releases/v1.0.0-d-1/media', execFileSync('head', ['-c', '60000000', '/dev/urandom'], { maxBuffer: 70_000_000 }));
  const script = join(import.meta.dirname, '../../fixtures/backup/round-trip.ts');
  const told: { kind: string; baseMb: number; peakMb: number; workMb: number } = JSON.parse(
    // Without what other runs have compiled: a warm cache makes the start smaller, and so the difference look larger.
    execFileSync(execPath, [script, made.root, made.release], { encoding: 'utf8', env: {} }),
  );

  expect(told.kind).toBe('verified');
  // The bot's own process does none of it.
  expect(told.peakMb - told.baseMb).toBeLessThan(20);
  // Of 110 MB of data, with Node and the type stripper, which each thread of the work takes anew here.
  expect(told.workMb).toBeGreaterThan(0);
  expect(told.workMb).toBeLessThan(220);
});

async function until(condition: () => boolean): Promise<void> {
  for (let look = 0; look < 2_000 && !condition(); look += 1) await new Promise((resolve) => setTimeout(resolve, 2));
}
