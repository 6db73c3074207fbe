import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseAll } from '../../../src/host/media/compare.ts';
import { runFfmpeg } from '../../../src/host/media/ffmpeg.ts';
import { ffmpegSays, media, NEVER, sequentialPng, source } from '../../support/videos.ts';

// ffmpeg runs at low priority: on a busy machine it waits its turn.
vi.setConfig({ testTimeout: 60_000 });

let dir = '';
const at = (name: string) => join(dir, name);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'dhash-frames-'));
  // One key frame, B-frames.
  ffmpegSays(...source(2), '-c:v', 'libx264', '-g', '250', '-bf', '3', '-pix_fmt', 'yuv420p', at('a.mp4'));
  ffmpegSays('-i', at('a.mp4'), '-ss', '1.5', '-frames:v', '1', at('golden.png'));
}, 60_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function compare(file: string, frames: readonly { readonly atS: number; readonly png: string }[]) {
  return (await media.compareFrames({ facts: await media.probe(file, NEVER), frames, threshold: 0.995, signal: NEVER })).frames;
}

describe.concurrent('a frame fetched by seeking', () => {
  test.each([0.5, 1.51])('is the very frame a whole decode finds, with B-frames and one key frame (%s s)', async (atS) => {
    const found = await media.frame(at('a.mp4'), atS, NEVER);
    expect(Buffer.from(found ?? []).equals(sequentialPng(at('a.mp4'), atS))).toBe(true);
  });

  test('is the very frame too where an edit list cuts the beginning off', async () => {
    ffmpegSays('-ss', '0.7', '-i', at('a.mp4'), '-c', 'copy', at('cut.mp4'));
    const found = await media.frame(at('cut.mp4'), 0.5, NEVER);
    expect(Buffer.from(found ?? []).equals(sequentialPng(at('cut.mp4'), 0.5))).toBe(true);
  });

  test('is the very frame at 30000/1001 frames a second', async () => {
    ffmpegSays(...source(1, '160x90', '30000/1001'), '-c:v', 'libx264', '-pix_fmt', 'yuv420p', at('ntsc.mp4'));
    const found = await media.frame(at('ntsc.mp4'), 0.5, NEVER);
    expect(Buffer.from(found ?? []).equals(sequentialPng(at('ntsc.mp4'), 0.5))).toBe(true);
    expect((await media.probe(at('ntsc.mp4'), NEVER)).video?.frameRate).toEqual({ text: '30000/1001', value: 30000 / 1001 });
  });

  test('is none beyond the end', async () => {
    expect(await media.frame(at('a.mp4'), 7, NEVER)).toBeNull();
  });
});

describe.concurrent('comparing frames', () => {
  test('says 1 for the frame itself, whatever made the golden PNG', async () => {
    const [frame] = await compare(at('a.mp4'), [{ atS: 1.5, png: at('golden.png') }]);
    expect(frame).toMatchObject({ kind: 'compared', ssim: 1, ffmpegAll: 1, scaled: false, lowest: { ssim: 1 } });
  });

  test('finds the damaged window that the mean hides, and draws it', async () => {
    ffmpegSays('-i', at('a.mp4'), '-vf', 'drawbox=x=66:y=33:w=11:h=11:c=black:t=fill', '-c:v', 'libx264', '-crf', '5', at('box.mp4'));
    const [frame] = await compare(at('box.mp4'), [{ atS: 1.5, png: at('golden.png') }]);
    if (frame?.kind !== 'compared') throw new Error('not compared');
    expect(frame.ssim).toBeGreaterThan(0.97);
    expect(frame.lowest).toMatchObject({ width: 11, height: 11 });
    expect(Math.abs(frame.lowest.x - 66)).toBeLessThanOrEqual(11);
    expect(Math.abs(frame.lowest.y - 33)).toBeLessThanOrEqual(11);
    expect(frame.lowest.ssim).toBeLessThan(0.3);
    const diff = {
      file: at('box.mp4'),
      frame: { atS: 1.5, png: at('golden.png') },
      lowest: frame.lowest,
      to: at('debug/diff.png'),
      signal: NEVER,
    };
    await media.writeDiff(diff);
    expect(readFileSync(at('debug/diff.png')).readUInt32BE(16)).toBe(3 * 160);
    expect(readdirSync(at('debug'))).toEqual(['diff.png']);
  });

  test('scales to a golden of another size, and says so', async () => {
    ffmpegSays('-i', at('golden.png'), '-vf', 'scale=80:46', at('small.png'));
    const [frame] = await compare(at('a.mp4'), [{ atS: 1.5, png: at('small.png') }]);
    expect(frame).toMatchObject({ kind: 'compared', scaled: true, golden: { width: 80, height: 46 }, current: { width: 160, height: 90 } });
  });

  test('never passes what is not there: beyond the end, no golden, no PNG', async () => {
    writeFileSync(at('text.png'), 'no picture at all, only words in a file');
    // The sound goes on after the pictures have ended.
    ffmpegSays('-i', at('a.mp4'), '-f', 'lavfi', '-i', 'sine=d=3', '-c:v', 'copy', at('long-sound.mp4'));
    const frames = await compare(at('long-sound.mp4'), [
      { atS: 9, png: at('golden.png') },
      { atS: 2.5, png: at('golden.png') },
      { atS: 1, png: at('none.png') },
      { atS: 1, png: at('text.png') },
    ]);
    expect(frames.map((frame) => (frame.kind === 'compared' ? 'compared' : frame.code))).toEqual([
      'beyond-end',
      'beyond-end',
      'no-golden',
      'bad-golden',
    ]);
  });

  test('refuses a file without pictures, a broken one and one that is not there', async () => {
    ffmpegSays('-f', 'lavfi', '-i', 'sine=d=0.5', at('sound.mp4'));
    writeFileSync(at('broken.mp4'), readFileSync(at('a.mp4')).subarray(0, 3_000));
    await expect(compare(at('sound.mp4'), [{ atS: 0, png: at('golden.png') }])).rejects.toMatchObject({ code: 'no-video' });
    for (const name of ['broken.mp4', 'none.mp4'])
      await expect(media.probe(at(name), NEVER)).rejects.toMatchObject({ code: 'media-unreadable' });
  });

  test('names the very file by its digest and when it was written', async () => {
    writeFileSync(at('known'), 'abc');
    utimesSync(at('known'), 1_795_435_200, 1_795_435_200);
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(await media.fingerprint(at('known'), NEVER)).toEqual({ sha256, writtenAt: 1_795_435_200_000 });
    await expect(media.fingerprint(at('none'), NEVER)).rejects.toMatchObject({ code: 'media-unreadable' });
    await expect(media.fingerprint(at('known'), AbortSignal.abort())).rejects.toMatchObject({ code: 'media-canceled' });
  });

  test('reads the number ffmpeg prints as All, and nothing else', () => {
    expect(parseAll('[Parsed_ssim_8 @ 0x55] SSIM R:0.9 (10.0) G:0.9 (10.0) B:0.9 (10.0) All:0.994999 (23.0)')).toBe(0.994999);
    expect(parseAll('All:0.9')).toBeNull();
  });
});

describe.concurrent('ffmpeg itself', () => {
  const endless = (file: string, signal: AbortSignal, timeoutMs: number, onStderrLine: (line: string) => void = () => {}) => ({
    ...{ inputs: [{ file, options: ['-re', '-stream_loop', '-1'] }], outputOptions: [], format: 'null', pipeTo: null },
    ...{ timeoutMs, signal, onStderrLine },
  });
  const runningOn = (file: string) =>
    readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && textOf(`/proc/${pid}/cmdline`).includes(file) && !isZombie(pid));

  test('is killed when the caller stops caring, at low priority until then and without the secrets of the bot', async () => {
    copyFileSync(at('a.mp4'), at('unwanted.mp4'));
    const { ffmpeg } = await media.tools();
    const caller = new AbortController();
    const seen: string[] = [];
    const run = runFfmpeg(
      ffmpeg,
      endless(at('unwanted.mp4'), caller.signal, 60_000, (line) => {
        if (!line.startsWith('Input #0') || caller.signal.aborted) return;
        const [pid = ''] = runningOn(at('unwanted.mp4'));
        seen.push(textOf(`/proc/${pid}/environ`), textOf(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[16] ?? '');
        caller.abort();
      }),
    );
    await expect(run).rejects.toMatchObject({ code: 'media-canceled' });
    expect(seen[0]).toBe('LC_ALL=C\0');
    expect(Number(seen[1])).toBeGreaterThanOrEqual(10);
    expect(runningOn(at('unwanted.mp4'))).toEqual([]);
  });

  test('is killed when it takes too long', async () => {
    copyFileSync(at('a.mp4'), at('slow.mp4'));
    const { ffmpeg } = await media.tools();
    await expect(runFfmpeg(ffmpeg, endless(at('slow.mp4'), NEVER, 300))).rejects.toMatchObject({ code: 'media-timed-out' });
    expect(runningOn(at('slow.mp4'))).toEqual([]);
  });

  test('takes a name for a file, whatever it looks like', async () => {
    for (const name of ['-version.mp4', 'concat:a %03d.mp4']) {
      writeFileSync(at(name), readFileSync(at('a.mp4')));
      expect((await media.probe(at(name), NEVER)).video?.width, name).toBe(160);
      expect((await media.frame(at(name), 0, NEVER))?.length, name).toBeGreaterThan(100);
    }
  });
});

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function isZombie(pid: string): boolean {
  return / [ZX] /.test(textOf(`/proc/${pid}/stat`).slice(0, 200));
}
