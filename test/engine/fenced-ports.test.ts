import { expect, test } from 'vitest';
import { fencedPorts } from '../../src/engine/fenced-ports.ts';
import { world } from '../support/world.ts';

test('a command that was noted does not begin when the job went to another worker meanwhile', async () => {
  const { ports } = world();
  const told: string[] = [];
  const noting = async ({ mayBegin }: Parameters<typeof ports.commands.run>[0]) => {
    told.push('noted');
    await mayBegin?.();
    told.push('began');
    return { durationMs: 0, lastLines: [] };
  };
  const assertOurs = async () => {
    if (told.includes('noted')) throw new Error('the lease is lost');
  };
  const { commands } = fencedPorts({ ...ports, commands: { ...ports.commands, run: noting } }, assertOurs);
  const signal = new AbortController().signal;
  await expect(commands.run({ argv: ['true'], cwd: '/', env: {}, timeoutMs: 1_000, signal, onLine: () => {}, key: 'j-1' })).rejects.toThrow(
    'the lease is lost',
  );
  expect(told).toEqual(['noted']);
});

test('a backup that is ready does not show when the job went to another worker meanwhile', async () => {
  const { ports, config } = world();
  const told: string[] = [];
  const packing = async ({ mayShow }: Parameters<typeof ports.backups.create>[0]) => {
    told.push('packed');
    await mayShow?.();
    return { file: 'shown', bytes: 1, files: 1, sha256: '' };
  };
  const assertOurs = async () => {
    if (told.includes('packed')) throw new Error('the lease is lost');
  };
  const { backups } = fencedPorts({ ...ports, backups: { ...ports.backups, create: packing } }, assertOurs);
  const environment = config.environments['production'];
  if (environment === undefined) throw new Error('it has no production');
  const signal = new AbortController().signal;
  const facts = { environment, release: null, tag: 'v1.0.0', commit: 'abc', kind: 'manual' as const, at: 0 };
  await expect(backups.create({ ...facts, signal })).rejects.toThrow('the lease is lost');
  expect(told).toEqual(['packed']);
});
