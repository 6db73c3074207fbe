// Which file each stage writes into, under the artifact folder. The first five names are the operations guide's.

import type { PremergeStage } from '../core/config.ts';

export const ARTIFACTS: Readonly<Record<PremergeStage, string>> = {
  checkout: 'test_logging.log',
  tools: 'test_logging.log',
  install: 'test_logging.log',
  lint: 'test_logging.log',
  test: 'test_logging.log',
  build: 'test_logging.log',
  'deploy-dryrun': 'deploy-dryrun.log',
  'migrate-dryrun': 'migrate-dryrun.log',
  start: 'postdeploy-smoketests.log',
  smoke: 'postdeploy-smoketests.log',
  monitor: 'monitor_logs/monitor.log',
  golden: 'golden.log',
  backup: 'backup.log',
  stop: 'postdeploy-smoketests.log',
};

export const REPORT = 'report.json';
/** What the scratch copy printed. */
export const SERVICE_LOG = 'monitor_logs/service.log';
