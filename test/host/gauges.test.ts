import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pid } from 'node:process';
import { describe, expect, test } from 'vitest';
import { createGauges } from '../../src/host/gauges.ts';
import { errorOf, freshFolder } from './support/commands.ts';

function world() {
  const folder = freshFolder();
  const cpu = (line: string) => writeFileSync(join(folder, 'stat'), `cpu  ${line}\ncpu0 1 2 3 4\nintr 5\n`);
  const memory = (total: number, available: number) =>
    writeFileSync(join(folder, 'meminfo'), `MemTotal:       ${total} kB\nMemFree:  1 kB\nMemAvailable:   ${available} kB\n`);
  return { gauges: createGauges(folder), cpu, memory };
}

test('measures processors between two calls of one key, counting waiting for the disk as idle', async () => {
  const { gauges, cpu, memory } = world();
  memory(1_000, 250);
  cpu('100 0 100 800 0 0 0 0 0 0');
  expect(await gauges.host('a')).toEqual({ cpu: null, memory: 75 });
  cpu('150 0 125 850 75 0 0 0 50 0');
  expect(await gauges.host('b')).toEqual({ cpu: null, memory: 75 });
  expect((await gauges.host('a')).cpu).toBeCloseTo(37.5);
  expect((await gauges.host('a')).cpu).toBeNull();
});

test('answers null where the kernel tells nothing', async () => {
  expect(await createGauges(freshFolder()).host('a')).toEqual({ cpu: null, memory: null });
});

test('measures this host', async () => {
  const gauges = createGauges();
  const first = await gauges.host('a');
  expect(first.memory).toBeGreaterThan(0);
  expect(first.memory).toBeLessThanOrEqual(100);
});

test('tells free bytes, and why it cannot', async () => {
  const folder = freshFolder();
  expect(await createGauges().freeBytes(folder)).toBeGreaterThan(0);
  const error = await errorOf(createGauges().freeBytes(join(folder, 'gone')));
  expect(error).toMatchObject({ code: 'free-space-unknown' });
  expect(error.message).toContain(`${folder}/gone: ENOENT`);
});

describe('a process and its children', () => {
  test('are measured together, and what is gone is not measured', async () => {
    const gauges = createGauges();
    const child = spawn('sh', ['-c', 'sleep 30 & wait']);
    try {
      const own = await gauges.tree('own', pid);
      expect(own.cpu).toBeNull();
      expect(own.memory).toBeGreaterThan(0);
      expect((await gauges.tree('own', pid)).memory).toBeGreaterThan((await gauges.tree('child', child.pid ?? 0)).memory ?? 100);
      expect(await gauges.tree('gone', 2 ** 30)).toEqual({ cpu: null, memory: null });
    } finally {
      child.kill();
    }
  });

  test('the disk is told in percent, or not at all', async () => {
    const gauges = createGauges();
    const used = await gauges.disk('/');
    expect(used).toBeGreaterThanOrEqual(0);
    expect(used).toBeLessThanOrEqual(100);
    expect(await gauges.disk('/no/such/folder')).toBeNull();
  });
});

test('tells what keeps it from writing, and nothing of what is not there', async () => {
  const folder = freshFolder();
  const { unwritable } = createGauges();
  expect([await unwritable(folder), await unwritable(join(folder, 'gone'))]).toEqual([null, null]);
  writeFileSync(join(folder, 'file'), '');
  expect(await unwritable(join(folder, 'file', 'below'))).toMatchObject({
    code: 'not-writable',
    message: expect.stringContaining('ENOTDIR'),
  });
});
