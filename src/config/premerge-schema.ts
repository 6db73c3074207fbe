// The section of dhash.yml about the run before a merge.

import { z } from 'zod';
import { PREMERGE_STAGES, type PremergeStage } from '../core/config.ts';
import { argv, choice, decimal, flag, span, text } from './leaf.ts';
import { NOT_A_SECRET } from './secrets.ts';

const MINUTE = 60_000;
/** Not every service has these; nothing else may be missing unless the file says so. */
const OFTEN_MISSING: PremergeStage[] = ['lint', 'build', 'migrate-dryrun', 'golden'];

const command = () => argv().nullable().default(null);

export const premerge = z.strictObject({
  environment: text('the name of an environment', 'production').optional(),
  install: command(),
  lint: command(),
  test: command(),
  build: command(),
  migrateDryRun: command(),
  start: command(),
  golden: z
    .array(
      z.strictObject({
        game: text('the name of a game', 'production or "Sushi Go"', /[A-Za-z0-9]/),
        in: text('a path inside the checkout', 'latest_output.mp4'),
        frames: z.array(decimal(0, 999_999, 'a second of the video')).min(1, 'has no frame, write the seconds: [5, 10, 20]'),
        everyFrame: flag().default(false),
      }),
    )
    .default([]),
  variables: z
    .array(text('a variable the commands may have (never a secret of the bot)', '[CI, NPM_CONFIG_REGISTRY]', NOT_A_SECRET))
    .default([]),
  timeout: span().default(30 * MINUTE),
  monitor: span().default(MINUTE / 2),
  maySkip: z.array(choice(PREMERGE_STAGES)).default(OFTEN_MISSING),
  report: text('a path', '/srv/artifacts/{tag}/report.json or null').nullable().default(null),
  maxAge: span().default(24 * 60 * MINUTE),
});
