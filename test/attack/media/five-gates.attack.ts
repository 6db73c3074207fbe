// What is delivered, whole: a 1080p video through one command and one deploy, and re-encodings on both sides of the threshold.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { makeProject, type Project } from '../../fixtures/project/project.ts';
import { ffmpegSays, source } from '../../support/videos.ts';

const CHECK = 'node scripts/check_golden.js --game production --in latest_output.mp4';
const DEPLOY = './scripts/deploy_dhash.sh --env production --tag v2.1.0';

/** A project whose deploy asks for the media gates alone. */
async function gated(frames: readonly number[]): Promise<Project> {
  const project = await makeProject();
  const config = parse(project.read('dhash.yml'));
  Object.assign(config.environments.production, {
    checklist: ['quality-gates'],
    media: { checks: [{ game: 'production', in: './latest_output.mp4', frames }] },
  });
  project.write('dhash.yml', stringify(config));
  return project;
}

async function ends(project: Project, line: string, code: number): Promise<string> {
  const ended = await project.type(line);
  expect({ line, ...ended }).toEqual({ line, code, output: expect.any(String) });
  return ended.output;
}

test('the five gates of a 1080p30 video of 30 s are measured in one command and in one deploy', async () => {
  const project = await gated([5, 10, 20]);
  const pictures = ['-f', 'lavfi', '-i', 'testsrc2=s=1920x1080:r=30:d=30', '-f', 'lavfi', '-i', 'sine=f=440:d=30'];
  const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '60', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  ffmpegSays(...pictures, ...coded, join(project.folder, 'latest_output.mp4'));
  await ends(project, 'node scripts/generate_golden.js --game production --in latest_output.mp4 --frames 5,10,20', 0);
  const said = await ends(project, CHECK, 0);
  for (const gate of ['container_resolution  *1920x1080', 'container_duration', 'frame_20s', 'audio_lufs', 'audio_peak'])
    expect(said).toMatch(new RegExp(`PASS +${gate}`));
  const deployed = await ends(project, DEPLOY, 0);
  expect(deployed).toContain('v2.1.0 is live in production');
  const [, report = ''] = /Write the report: (\S+\.md)/.exec(deployed) ?? [];
  expect(readFileSync(report, 'utf8')).toMatch(/quality-gates.*10 of 10 gates pass \(lowest SSIM 1\.00000, -\d+\.\d LUFS, ffmpeg .*sha256/);
});

test('a video re-encoded just above 0.995 is deployed, and one just below is not', async () => {
  const project = await gated([0.5]);
  const [golden, file] = [join(project.folder, 'golden.mp4'), join(project.folder, 'latest_output.mp4')];
  ffmpegSays(...source(1), '-c:v', 'libx264', '-crf', '4', '-pix_fmt', 'yuv420p', golden);
  await ends(project, 'node scripts/generate_golden.js --game production --in golden.mp4 --frames 0.5', 0);
  const encode = (qp: number) => ffmpegSays('-i', golden, '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', String(qp), file);

  encode(8);
  expect(await ends(project, CHECK, 2)).toMatch(/FAIL +frame_0p5s +SSIM 0\.99[234]/);
  expect(await ends(project, DEPLOY, 1)).toMatch(/production frame_0p5s: SSIM 0\.99[234]/);

  encode(5);
  expect(await ends(project, CHECK, 0)).toMatch(/PASS +frame_0p5s +SSIM 0\.99[5-8]/);
  expect(await ends(project, DEPLOY, 0)).toContain('v2.1.0 is live in production');
});
