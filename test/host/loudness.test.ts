// The real ffmpeg, held to what EBU Tech 3341 (loudness, true peak) and 3342 (range) say a meter must show.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeLoudness } from '../../src/checks/loudness.ts';
import { createBinaries } from '../../src/host/media/binaries.ts';
import { describeEbu, meterIn, stereo } from '../support/ebu.ts';
import { media, NEVER } from '../support/videos.ts';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dhash-loudness-'));
});
afterAll(() => rm(folder, { recursive: true }));

const measured = meterIn(() => folder);

// The whole of it is in test/attack: what ffmpeg measures changes with ffmpeg, not with every commit.
const SAMPLE = ['3: quiet', '6 with a loud LFE', '1 at 96 kHz', '1 on one channel', '16: a quarter', '19: above', '2: five apart'];
describeEbu(measured, (title) => SAMPLE.some((begin) => title.startsWith(begin)));

test.concurrent('silence reads as the floor, and has no peak that could be compared', async () => {
  const { integratedLufs, truePeakDbtp } = await measured({ parts: [{ seconds: 1, dbfs: [null, null] }] });
  expect(integratedLufs).toEqual({ value: -70 });
  expect(truePeakDbtp).toEqual({ value: null, why: 'digital silence, -inf dBFS' });
});

test.concurrent('less than 400 ms has no loudness, but a peak', async () => {
  const { integratedLufs, truePeakDbtp } = await measured({ parts: [stereo(-10, 0.3)] });
  expect(integratedLufs).toMatchObject({ value: null, why: expect.stringContaining('there are no 400 ms of audio to measure') });
  expect(truePeakDbtp).toEqual({ value: -10 });
});

test.concurrent('pictures without audio answer that, and what is no media file is an error', async () => {
  const png = join(folder, 'pixel.png');
  await writeFile(png, Buffer.from(PIXEL, 'base64'));
  const none = { value: null, why: 'there is no audio stream' };
  expect(await media.loudness(png, NEVER)).toMatchObject({ integratedLufs: none, rangeLu: none, truePeakDbtp: none });
  await expect(media.loudness(import.meta.filename, NEVER)).rejects.toMatchObject({ code: 'media-unreadable' });
});

test.concurrent('a copy made 40 dB quieter fails, by the numbers', async () => {
  const [golden, copy] = await Promise.all([measured({ parts: [stereo(-23, 2)] }), measured({ parts: [stereo(-63, 2)] })]);
  const { lufs, peak } = judgeLoudness({
    measured: copy,
    golden: {
      integratedLufs: golden.integratedLufs.value,
      rangeLu: golden.rangeLu.value,
      truePeakDb: golden.truePeakDbtp.value,
      note: null,
    },
    tolerances: { lufsTolerance: 1, truePeakTolerance: 1 },
  });
  expect(lufs).toMatchObject({
    kind: 'fail',
    detail: expect.stringMatching(/^integrated loudness -6[23]\.\d LUFS, golden -23\.0 LUFS: -(39|40)/),
  });
  expect(peak).toMatchObject({ kind: 'fail', detail: expect.stringMatching(/^true peak -6[23]\.\d dBTP, golden -23\.0 dBTP: -(39|40)/) });
});

test.concurrent('without any ffmpeg the error says how to install one', async () => {
  const binary = createBinaries({ PATH: '' }, () => null);
  await expect(binary('ffmpeg')).rejects.toMatchObject({
    code: 'media-tool-missing',
    message: expect.stringContaining('There is no ffmpeg'),
    hint: expect.stringContaining('apt-get install ffmpeg'),
  });
});
