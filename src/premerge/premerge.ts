// The run before a merge: everything a deploy will ask, tried out for real on this commit, far from anything that is live.

import type { Stage } from './stage.ts';
import { backup } from './stages/backup.ts';
import { checkout } from './stages/checkout.ts';
import { deployDryRun } from './stages/deploy-dryrun.ts';
import { golden } from './stages/golden.ts';
import { migrateDryRun } from './stages/migrate-dryrun.ts';
import { monitor } from './stages/monitor.ts';
import { build, install, lint, test } from './stages/project.ts';
import { start, stop } from './stages/scratch-slot.ts';
import { smoke } from './stages/smoke.ts';
import { tools } from './stages/tools.ts';

export const PREMERGE: readonly Stage[] = [
  checkout,
  tools,
  install,
  lint,
  test,
  build,
  deployDryRun,
  migrateDryRun,
  start,
  smoke,
  monitor,
  golden,
  backup,
  stop,
];
