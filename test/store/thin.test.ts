import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { aJob, aSample } from './records.ts';

const WATCHES = [1, 2, 3, 4, 5];
const LOOKS = 1_000;
const THIN = { kind: 'sample.thin', environment: 'production', before: 2_000, every: 100 } as const;

async function watched() {
  const { store, close } = openStore({ path: ':memory:', now: () => 0 });
  onTestFinished(close);
  for (const watch of WATCHES) {
    const jobId = `m-${watch}`;
    const samples = Array.from({ length: LOOKS }, (_, at) => ({ kind: 'sample.add', sample: aSample({ jobId, at }) }) as const);
    await store.commit(
      [{ kind: 'job.create', job: aJob({ id: jobId, requestId: `d-${watch}`, createdAt: watch }) }, ...samples],
      [],
      watch,
    );
  }
  const left = async () => (await Promise.all(WATCHES.map((watch) => store.samples(`m-${watch}`, 0)))).map(({ length }) => length);
  return { store, left };
}

test('thins a long past a part at a time, the oldest watches first, so that nobody waits for all of it', async () => {
  const { store, left } = await watched();
  await store.commit([THIN], [], 3_000);
  expect(await left()).toEqual([10, 10, 10, LOOKS, LOOKS]);
  await store.commit([THIN], [], 3_000);
  expect(await left()).toEqual([10, 10, 10, 10, 10]);
});

test('comes back to a watch of which a part was too young', async () => {
  const { store, left } = await watched();
  await store.commit([{ ...THIN, before: 500 }], [], 3_000);
  for (let pass = 0; pass < 3; pass += 1) await store.commit([{ ...THIN, before: 500 }], [], 3_000);
  expect(await left()).toEqual([505, 505, 505, 505, 505]);
  for (let pass = 0; pass < 3; pass += 1) await store.commit([THIN], [], 3_000);
  expect(await left()).toEqual([10, 10, 10, 10, 10]);
});
