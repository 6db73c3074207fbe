import { expect, test } from 'vitest';
import { type Drift, type GoldenOutcome, judgeQualityGates } from '../../src/checks/quality-gates.ts';
import { runChecklist } from '../../src/checks/registry.ts';
import { fail, pass } from '../../src/core/check.ts';
import type { Deployment } from '../../src/core/deployment.ts';
import { BotError } from '../../src/core/error.ts';
import { TOOLS, VIDEO } from '../support/media.ts';
import { checkPorts, declared, NOW } from './support.ts';

const NO_DRIFT: Drift = { since: 'v2.0.0', changed: [], why: null };
const LIVE = { tag: 'v2.0.0', commit: 'c200' } as Deployment;

function checked(game: string, result = pass('SSIM 1')): GoldenOutcome {
  const cases = [{ name: 'frame_5s', result }];
  return {
    kind: 'checked',
    report: { game, file: '/v.mp4', folder: `/g/${game}`, cases, lowestSsim: 0.99612, lufs: -23, video: VIDEO, tools: TOOLS },
  };
}

test('tells what was measured, by which ffmpeg', () => {
  expect(judgeQualityGates([checked('x')], NO_DRIFT)).toEqual({
    kind: 'pass',
    detail:
      'x: 1 of 1 gates pass (lowest SSIM 0.99612, -23.0 LUFS, ffmpeg 5.1.7; video of 2026-11-23 11:00 UTC, sha256 9b1f00000000); no golden file changed since v2.0.0',
  });
});

test('does not pass when no video is declared', () => {
  expect(judgeQualityGates([], NO_DRIFT).kind).toBe('unknown');
});

test('fails with the failed gate first and its hint, also when another video could not be looked at', () => {
  const gone: GoldenOutcome = { kind: 'not-checked', game: 'y', why: 'there is no file', hint: 'Render it.' };
  expect(judgeQualityGates([gone, checked('x', fail('SSIM 0.9', 'See diff.'))], NO_DRIFT)).toMatchObject({
    kind: 'fail',
    detail: expect.stringMatching(/^x frame_5s: SSIM 0\.9; y: there is no file; x: video of 2026-11-23 11:00 UTC/),
    hint: 'See diff.',
  });
  expect(judgeQualityGates([checked('x'), gone], NO_DRIFT)).toMatchObject({ kind: 'error', hint: 'Render it.' });
});

test.each<[string, Drift, string]>([
  ['nothing is live', { since: null, changed: null, why: null }, 'nothing is live to compare golden files with'],
  ['an archive is deployed', { since: 'v2.0.0', changed: null, why: 'an archive has no history' }, 'not known (an archive has no history)'],
  ['one changed', { since: 'v2.0.0', changed: ['tests/golden/x/a'], why: null }, '1 golden file changed since v2.0.0: tests/golden/x/a'],
  ['many changed', { since: 'v2.0.0', changed: ['a', 'b', 'c', 'd', 'e', 'f', 'g'], why: null }, 'a, b, c, d, e and 2 more'],
])('shows the approvers which golden files the release changes: %s', (_title, drift, words) => {
  expect(judgeQualityGates([checked('x')], drift).detail).toContain(words);
});

test('in the checklist measures every declared video and asks what changed since the live release', async () => {
  const { config, environment } = await declared('environments.production.media.checks', [
    { game: 'Sushi Go', in: '/v/sushi.mp4', frames: [5] },
    { game: 'Gone', in: '/v/gone.mp4', frames: [5] },
  ]);
  const container = { video: { width: 1920, height: 1080, pix_fmt: 'yuv420p', avg_frame_rate: '30/1' }, format: { duration: '28' } };
  const set: Readonly<Record<string, unknown>> = {
    '/etc/dhash/tests/golden/sushi-go/linux/container.json': container,
    '/etc/dhash/tests/golden/sushi-go/linux/audio_stats.json': { note: 'no audio' },
  };
  const asked: unknown[] = [];
  const ports = checkPorts({
    files: { read: async (path) => (path in set ? JSON.stringify(set[path]) : null), write: async () => {}, appendLog: () => {} },
    releases: {
      changedFiles: async ({ from, to, under }) => {
        asked.push([from.tag, to.tag, under]);
        throw new BotError({ code: 'source-unreachable', message: 'the source is away', hint: null });
      },
    },
  });
  const store = { backups: async () => [], liveDeployment: async () => LIVE };
  const request = { tag: 'v2.1.0', commit: 'c210' };
  const [evidence] = await runChecklist({ environment, config, store, ports, now: NOW, request }, ['quality-gates']);
  expect(evidence).toMatchObject({ check: 'quality-gates', at: Math.min(NOW, VIDEO.writtenAt), result: { kind: 'error' } });
  expect(evidence?.result.detail).toContain('Gone: There is no golden set in /etc/dhash/tests/golden/gone');
  expect(evidence?.result.detail).toContain('Sushi Go: 8 of 8 gates pass');
  expect(evidence?.result.detail).toContain('golden files changed since v2.0.0: not known (the source is away)');
  expect(asked).toEqual([['v2.0.0', 'v2.1.0', 'tests/golden']]);
});
