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
