// Every command line of the operations guide, typed as people type it, from a project's root.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBinaries } from '../../src/host/media/binaries.ts';
import { makeProject, type Project } from '../fixtures/project/project.ts';
import { hostEnv, until } from '../host/support/commands.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** Types the line and expects its exit code. */
async function types(project: Project, line: string, code = 0): Promise<string> {
  const { code: got, output } = await project.type(line);
  expect({ line, code: got, output }).toEqual({ line, code, output: expect.any(String) });
  return output;
}

test('from the run before the merge to the rollback, each line does its work', async () => {
  const project = await makeProject();

  await types(project, 'ARTIFACT_DIR=premerge_artifacts ./scripts/premerge_run.sh');
  expect(readdirSync(join(project.folder, 'premerge_artifacts'))).toEqual(
    expect.arrayContaining(['deploy-dryrun.log', 'migrate-dryrun.log', 'postdeploy-smoketests.log', 'test_logging.log', 'monitor_logs']),
  );

  const plan = await types(project, './scripts/deploy_dhash.sh --env production --tag v2.1.0 --dry-run');
  expect(plan).toMatch(/premerge: pass .*stages passed, skipped: install, lint, build/);

  const deployed = await types(project, './scripts/deploy_dhash.sh --env production --tag v2.1.0 --no-backup');
  expect(deployed).toContain('--no-backup changes nothing');
  expect(deployed).toContain('v2.1.0 is live in production');

  expect(await types(project, './scripts/health_check.sh')).toContain('version v2.1.0');
  expect(await types(project, 'npm run smoke:production')).toContain('1 of 1 passed');
  await types(project, './scripts/create_backup.sh --env production');
  const [backup = 'none'] = readdirSync(join(project.folder, 'host/backups')).filter((name) => name.endsWith('.zip'));

  const watch = './scripts/monitor_dhash.sh --env production --duration 3600 --interval 30 --error-threshold 1.0 --response-threshold 500';
  const watching = project.start(`exec ${watch}`);
  await until(() => watching.output().includes('every 30s, errors at most 1 %, answers within 500 ms'), 'the watch has begun', 120_000);
  watching.kill('SIGINT');
  expect((await watching.ended).code).toBe(1);

  const back = await types(project, `./scripts/rollback_dhash.sh --backup backups/${backup} --env production --emergency --no-verify`);
  expect(back).toContain('its checksum is compared all the same');
}, 240_000);

test('the media lines make a golden set, pass against it, and fail when they could not run', async () => {
  const project = await makeProject();
  await makeMedia(project.folder);

  await types(project, 'node scripts/generate_golden.js --game production --in latest_output.mp4 --frames 5,10,20');
  const check =
    'node scripts/check_golden.js --game production --in latest_output.mp4 --frames 5,10,20 --ssim 0.995 --lufs_tol 1.0 --tp_tol 1.0 --junit quality.xml';
  await types(project, check);
  expect(project.read('quality.xml')).toContain('golden:production');
  await types(project, 'npm run golden:check');
  await types(project, check.replace('latest_output.mp4', 'worse.mp4'), 2);
  await types(project, check.replace('latest_output.mp4', 'missing.mp4'), 1);

  await types(project, 'python3 scripts/check_audio_compliance.py artifacts/preview_with_audio_ebur128.txt');
  await types(project, 'bash scripts/check_container.sh artifacts/preview_ffprobe.json');
  await types(project, 'bash scripts/check_container.sh artifacts/preview_with_audio_ebur128.txt', 1);
}, 240_000);

test('the README shows each launcher', () => {
  const launchers = readdirSync(new URL('../../scripts', import.meta.url)).filter((name) => /\.(sh|py|js)$/.test(name));
  expect(launchers).toHaveLength(10);
  expect(launchers.filter((name) => !README.includes(`scripts/${name}`))).toEqual([]);
});

/** A small video with a quiet tone, and the two logs that are checked. */
async function makeMedia(folder: string): Promise<void> {
  const binary = createBinaries(hostEnv());
  const [ffmpeg, ffprobe] = await Promise.all([binary('ffmpeg'), binary('ffprobe')]);
  const run = (argv: readonly string[]) =>
    execFileSync(ffmpeg.path, ['-hide_banner', '-y', ...argv], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const tone = ['-f', 'lavfi', '-i', 'sine=frequency=997:sample_rate=48000:duration=21,volume=-6dB,aformat=channel_layouts=stereo'];
  const encode = ['-pix_fmt', 'yuv420p', '-shortest'];
  const picture = (source: string) => ['-f', 'lavfi', '-i', `${source}=size=64x36:rate=5:duration=21`];
  run([...picture('testsrc'), ...tone, '-c:v', 'libx264', ...encode, 'latest_output.mp4']);
  run(['-i', 'latest_output.mp4', '-c:v', 'libx264', '-qp', '45', '-pix_fmt', 'yuv420p', '-c:a', 'copy', 'worse.mp4']);
  execFileSync('mkdir', ['-p', 'artifacts'], { cwd: folder });
  const log = `"${ffmpeg.path}" -nostats -i latest_output.mp4 -vn -af ebur128=peak=true -f null - 2> artifacts/preview_with_audio_ebur128.txt`;
  execFileSync('sh', ['-c', log], { cwd: folder });
  const probe = `"${ffprobe.path}" -v error -show_streams -show_format -of json latest_output.mp4 > artifacts/preview_ffprobe.json`;
  execFileSync('sh', ['-c', probe], { cwd: folder });
}
