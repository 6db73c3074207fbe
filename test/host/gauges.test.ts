import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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
