import { expect, test } from 'vitest';
import { parsePremergeReport } from '../../src/checks/premerge-report.ts';
import { PREMERGE_STAGES, type PremergeStage } from '../../src/core/config.ts';
import { BotError } from '../../src/core/error.ts';
import { PREMERGE } from '../../src/premerge/premerge.ts';
import { runPremerge } from '../../src/premerge/run.ts';
import type { Stage, StageOutcome } from '../../src/premerge/stage.ts';
import { verdictOf } from '../../src/premerge/verdict.ts';
import { testConfig, testEnvironment, testPremerge } from '../support/config.ts';
import { world } from '../support/world.ts';

const pass: StageOutcome = { kind: 'passed', evidence: 'fine' };
const skip: StageOutcome = { kind: 'skipped', evidence: 'not declared' };

/** The real list with other work in it. */
function stagesWith(work: Partial<Record<PremergeStage, () => Promise<StageOutcome> | StageOutcome>>): readonly Stage[] {
  return PREMERGE.map((stage) => ({ ...stage, run: async () => (await work[stage.name]?.()) ?? pass }));
}

async function run(stages: readonly Stage[], signal = new AbortController().signal) {
  const { ports, files } = world();
  const printed: string[] = [];
  const report = await runPremerge({
    config: testConfig({}, { premerge: testPremerge() }),
    environment: testEnvironment(),
    folder: '/src/project',
    artifacts: '/src/artifacts',
    scratch: '/tmp/scratch',
    ports,
    variables: {},
    releaseTag: null,
    signal,
    key: 'premerge',
    stages,
    print: (line) => void printed.push(line),
  });
  const outcomes = Object.fromEntries(report.stages.map(({ name, outcome }) => [name, outcome]));
  return { report, outcomes, printed, files };
}

test('the list names every stage once, in the order of the configuration', () => {
  expect(PREMERGE.map(({ name }) => name)).toEqual(PREMERGE_STAGES);
});

test('passes when everything does, and writes all artifacts and a report that can be read', async () => {
  const { report, files } = await run(stagesWith({}));
  expect(report).toMatchObject({ verdict: 'passed', why: '14 of 14 stages passed' });
  expect([...files.keys()].map((path) => path.replace('/src/artifacts/', '')).sort()).toEqual([
    'backup.log',
    'deploy-dryrun.log',
    'golden.log',
    'migrate-dryrun.log',
    'monitor_logs/monitor.log',
    'postdeploy-smoketests.log',
    'report.json',
    'test_logging.log',
  ]);
  expect(parsePremergeReport(files.get('/src/artifacts/report.json') ?? '')).toEqual(report);
});

test('what needs a failed stage is not run and says why; what does not need it runs, and the copy is stopped', async () => {
  const { outcomes, report, printed } = await run(
    stagesWith({
      'deploy-dryrun': () => {
        throw new BotError({ code: 'command-failed', message: 'npm ended with exit code 1', hint: 'Free the disk.', tail: ['ENOSPC'] });
      },
    }),
  );
  expect(outcomes).toMatchObject({
    test: 'passed',
    'deploy-dryrun': 'failed',
    start: 'not-run',
    smoke: 'not-run',
    backup: 'not-run',
    golden: 'passed',
    stop: 'passed',
  });
  expect(report.stages.find(({ name }) => name === 'start')?.evidence).toBe('it needs "Deploy dry run", which failed');
  expect(report).toMatchObject({ verdict: 'failed', why: expect.stringContaining('deploy-dryrun failed: npm ended with exit code 1') });
  expect(printed.join('\n')).toMatch(/Free the disk\.\n.*ENOSPC/);
});

test('an interruption ends the run: nothing more is begun, but the copy is stopped', async () => {
  const interrupted = new AbortController();
  const { outcomes, report } = await run(
    stagesWith({
      smoke: () => {
        interrupted.abort();
        throw new BotError({ code: 'smoke-canceled', message: 'cut short', hint: null });
      },
    }),
    interrupted.signal,
  );
  expect(outcomes).toMatchObject({ smoke: 'failed', monitor: 'not-run', golden: 'not-run', backup: 'not-run', stop: 'passed' });
  expect(report.verdict).toBe('failed');
});

test('a copy that nobody said how to start makes the stages on it skipped, not passed', async () => {
  const { outcomes, report } = await run(stagesWith({ start: () => skip }));
  expect(outcomes).toMatchObject({ start: 'skipped', smoke: 'skipped', monitor: 'skipped', backup: 'passed' });
  expect(report).toMatchObject({
    verdict: 'failed',
    why: expect.stringContaining('skipped, and not in premerge.maySkip: start, smoke, monitor'),
  });
});

test('a skip that may be is in the verdict all the same', async () => {
  const { report } = await run(stagesWith({ lint: () => skip, golden: () => skip }));
  expect(report).toMatchObject({ verdict: 'passed-with-skips', why: '12 of 14 stages passed, skipped: lint, golden' });
});

test('no stage at all is no pass', () => {
  expect(verdictOf([], [])).toMatchObject({ verdict: 'failed' });
});
