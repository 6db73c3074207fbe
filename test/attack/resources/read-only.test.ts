// Folders on a file system that turned read-only: what is refused names the path and the next step, leaves nothing half done, and works again afterwards.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asBotError } from '../../../src/core/error.ts';
import { createBackups } from '../../../src/host/backup/backups.ts';
import { createFiles } from '../../../src/host/files.ts';
import { prepareRoot } from '../../../src/host/releases/releases-prepare.ts';
import { createProcessSlots } from '../../../src/host/slots/slots-process.ts';
import { openStore } from '../../../src/store/open.ts';
import { aRun, errorOf, freshFolder, testCommands } from '../../host/support/commands.ts';
import { anEnvironment } from '../../host/support/repository.ts';
import { mayMount, readOnly } from './disk.ts';

const silent = { info: () => {}, warn: () => {} };
const plain = (text: string) => text;

const REFUSED: readonly (readonly [what: string, folder: string, act: (folder: string) => Promise<unknown>])[] = [
  ['releases', 'srv/releases', (folder) => prepareRoot(join(folder, 'srv'))],
  [
    'backups',
    'srv/backups',
    (folder) => {
      const environment = anEnvironment(join(folder, 'srv'), { kind: 'git', url: '/nowhere' });
      const release = join(folder, 'srv/releases/one');
      const facts = { tag: 'v1.0.0', commit: 'a'.repeat(40), kind: 'manual', at: Date.UTC(2026, 1, 1) } as const;
      const { create } = createBackups({ freeBytes: async () => 1e12, log: silent });
      return create({ environment, release, ...facts, signal: new AbortController().signal });
    },
  ],
  [
    'reports',
    'data',
    (folder) => createFiles({ dataDir: join(folder, 'data'), redact: plain, log: silent }).write(join(folder, 'data/reports/d-1.md'), 'x'),
  ],
  ['what runs', 'data/run', (folder) => testCommands(join(folder, 'data')).run(aRun(folder, ['true']))],
  [
    'the log of the service',
    'data/logs',
    async (folder) => {
      const environment = anEnvironment(join(folder, 'srv'), { kind: 'git', url: '/nowhere' });
      const launch = async () => ({ pid: process.pid, ended: new Promise<never>(() => {}) });
      const slots = createProcessSlots({ dataDir: join(folder, 'data'), env: {}, redact: plain, launch });
      // Over 10 MB, so that it has to be put aside before the start.
      await slots.start({ environment, slot: 'blue', release: folder, tag: 'v1.0.0' });
    },
  ],
  ['the database', 'data', async (folder) => openStore({ path: join(folder, 'data/dhash.db'), now: () => 0 }).close()],
];

test.skipIf(!mayMount).each(REFUSED)(
  '%s on a read-only file system: told with the path and the next step, and well again without a restart',
  async (_, name, act) => {
    const folder = freshFolder();
    for (const made of ['srv/releases/one', 'srv/shared', 'srv/backups', 'data/run', 'data/logs'])
      mkdirSync(join(folder, made), { recursive: true });
    writeFileSync(join(folder, 'srv/releases/one/server.js'), 'x');
    writeFileSync(join(folder, 'data/logs/production-blue.log'), Buffer.alloc(10_000_001, 'x\n'));
    const there = () => readdirSync(folder, { recursive: true }).sort();
    const before = there();
    const writable = readOnly(join(folder, name));
    const error = await errorOf(act(folder).catch((thrown: unknown) => Promise.reject(asBotError(thrown))));
    expect(error.message).toContain(join(folder, name));
    expect(error.hint).toMatch(/findmnt -O ro/);
    expect(there()).toEqual(before);
    writable();
    await act(folder);
  },
);

test.skipIf(!mayMount)('an open database tells that its folder turned read-only, and that it is well again', () => {
  const folder = freshFolder();
  const opened = openStore({ path: join(folder, 'dhash.db'), now: () => 0 });
  expect(opened.trouble()).toBeNull();
  const writable = readOnly(folder);
  expect(opened.trouble()).toMatchObject({ code: 'database-not-writable', message: expect.stringContaining(folder) });
  writable();
  expect(opened.trouble()).toBeNull();
  opened.close();
});

test('without the right to mount that is not tried, and said', () => {
  if (!mayMount) process.stdout.write('Not root: nothing was mounted read-only, so the seven tests above were left out.\n');
  const refused = Object.assign(new Error("EROFS: read-only file system, open '/srv/x'"), { code: 'EROFS', path: '/srv/x' });
  expect(asBotError(refused)).toMatchObject({
    code: 'read-only',
    message: '/srv/x cannot be written: the file system is mounted read-only (EROFS)',
    hint: expect.stringContaining('findmnt -O ro'),
  });
});
