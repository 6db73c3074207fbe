// The run for real: a git checkout, a service that is started, and what is left when the run is cut short.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { parsePremergeReport } from '../../src/checks/premerge-report.ts';
import { makeProject, type Project } from '../fixtures/project/project.ts';
import { until } from '../host/support/commands.ts';

const LINE = 'exec bin/dhash premerge';

function reportOf(project: Project) {
  const report = parsePremergeReport(project.read('premerge_artifacts/report.json'));
  if (report === null) throw new Error('there is no report');
  return report;
}

/** The scratch folder of the run, once the copy in it answers. */
async function started(project: Project): Promise<{ readonly scratch: string; readonly pid: number }> {
  const log = () => project.read('premerge_artifacts/postdeploy-smoketests.log');
  const path = join(project.folder, 'premerge_artifacts/.premerge.json');
  await until(
    () =>
      existsSync(path) && existsSync(join(project.folder, 'premerge_artifacts/postdeploy-smoketests.log')) && / answers at /.test(log()),
    'the copy runs',
    120_000,
  );
  const { scratch } = JSON.parse(project.read('premerge_artifacts/.premerge.json'));
  const url = /answers at (\S+)/.exec(log())?.[1];
  const { pid }: { readonly pid: number } = JSON.parse(await (await fetch(`${url}/environment`)).text());
  return { scratch, pid };
}

/** Also one that has ended and only waits for init to take note of it. */
function isGone(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, ''));
  } catch {
    return true;
  }
}

test('an interrupted run leaves no process and no folder behind, and says what it did not try; a second one meanwhile is refused', async () => {
  const project = await makeProject({ premerge: { monitor: '10m' } });
  const run = project.start(LINE);
  const { scratch, pid } = await started(project);
  const second = await project.type(LINE);
  expect(second).toMatchObject({ code: 1, output: expect.stringContaining('another pre-merge run writes into') });
  run.kill('SIGINT');
  expect((await run.ended).code).toBe(1);
  expect(isGone(pid)).toBe(true);
  expect(existsSync(scratch)).toBe(false);
  const { verdict, stages, dirty, tag } = reportOf(project);
  expect({ verdict, dirty, tag }).toEqual({ verdict: 'failed', dirty: false, tag: 'v2.1.0' });
  expect(stages.find(({ name }) => name === 'backup')).toMatchObject({ outcome: 'not-run', evidence: 'the run was interrupted' });
}, 240_000);

test('what a killed run left running is ended by the next one; changes in the tree are told', async () => {
  const project = await makeProject({ premerge: { monitor: '10m' } });
  const run = project.start(LINE);
  const { scratch, pid } = await started(project);
  run.kill('SIGKILL');
  await run.ended;
  expect(isGone(pid)).toBe(false);
  expect(reportOf(project).verdict).toBe('unfinished');
  project.write('dhash.yml', project.read('dhash.yml').replace('monitor: 10m', 'monitor: 300ms'));
  const next = await project.type(LINE);
  expect(next.output).toContain('A run here was killed before its end');
  expect(next).toMatchObject({ code: 0, output: expect.stringContaining('It certifies no deploy') });
  expect(isGone(pid)).toBe(true);
  expect(existsSync(scratch)).toBe(false);
  expect(reportOf(project)).toMatchObject({ dirty: true, verdict: 'passed-with-skips' });
}, 240_000);

test('a copy that answers with another version fails the run with what it said, and later stages are not run', async () => {
  const project = await makeProject({ behavior: { version: 'v9.9.9', print: 'I am another one' } });
  const { code, output } = await project.type(LINE);
  expect(code).toBe(1);
  expect(output).toMatch(/FAIL {4}Start a scratch copy: .*v9\.9\.9/);
  expect(output).toMatch(/NOT RUN Smoke tests: it needs "Start a scratch copy", which failed/);
  expect(project.read('premerge_artifacts/monitor_logs/service.log')).toContain('I am another one');
}, 240_000);

test('of a service that systemd starts, a copy is started as declared for it, and without that the run does not pass', async () => {
  const project = await makeProject();
  const config = parse(project.read('dhash.yml'));
  const argv = config.environments.production.service.start;
  config.environments.production.service.start = { unit: 'mobius-dhash@{slot}.service' };
  project.write('dhash.yml', stringify(config));
  const undeclared = await project.type(LINE);
  expect(undeclared.code).toBe(1);
  expect(undeclared.output).toMatch(
    /SKIPPED Start a scratch copy: how to start a copy of mobius-dhash@\{slot\}\.service is not declared \(premerge\.start/,
  );
  expect(reportOf(project)).toMatchObject({
    verdict: 'failed',
    why: expect.stringContaining('not in premerge.maySkip: start, smoke, monitor'),
  });

  config.premerge.start = argv;
  project.write('dhash.yml', stringify(config));
  const declared = await project.type(LINE);
  expect(declared).toMatchObject({ code: 0, output: expect.stringMatching(/OK {6}Start a scratch copy: v2\.1\.0 answers at /) });
  expect(reportOf(project).verdict).toBe('passed-with-skips');
}, 240_000);
