// The deploy as far as it can go without a live host: its plan, and its release fetched and built in a scratch root by the very same code.

import { join } from 'node:path';
import { checkPlaceholders } from '../../checks/placeholders.ts';
import { plan } from '../../core/plan.ts';
import { formatDuration } from '../../core/time.ts';
import { deploy } from '../../jobs/deploy.ts';
import { newJob } from '../../jobs/new-job.ts';
import { say } from '../command.ts';
import { need, type PremergeContext, type Stage } from '../stage.ts';

export const deployDryRun: Stage = {
  name: 'deploy-dryrun',
  title: 'Deploy dry run',
  needs: ['checkout', 'build'],
  run: async (context) => {
    const { environment, log, ports } = context;
    const tag = need(context, 'version');
    const steps = plan(deploy, unstarted(context, tag), environment);
    log(`A deploy of ${tag} to ${environment.name} would be:`);
    for (const [index, { title }] of steps.entries()) log(`  ${index + 1}. ${title}`);
    const { result } = await checkPlaceholders({ environment, config: context.config, ports, now: ports.clock.now(), request: { tag } });
    log(`placeholders: ${result.kind}, ${result.detail}`);
    if (result.kind !== 'pass' && result.kind !== 'skip')
      return { kind: 'failed', evidence: `placeholders: ${result.detail}`, hint: result.hint };
    const release = await fetchAndBuild(context, tag);
    const commands = environment.build.length === 1 ? 'one build command' : `${environment.build.length} build commands`;
    return { kind: 'passed', evidence: `${steps.length} steps; release ${tag} made from the commit, ${commands}`, found: { release } };
  },
};

/** What is not committed is not in it: that is what a deploy would get. */
async function fetchAndBuild(context: PremergeContext, tag: string): Promise<string> {
  const { scratch, folder, ports, signal, log } = context;
  const commit = need(context, 'commit');
  const mirror = join(scratch, 'source.git');
  const format = commit.length === 64 ? ['--object-format=sha256'] : [];
  await say(context, ['git', 'init', '--quiet', '--bare', '--template=', ...format, mirror], { cwd: scratch });
  await say(context, ['git', `--git-dir=${mirror}`, 'fetch', '--quiet', '--no-tags', '--depth=1', folder, `+HEAD:refs/tags/${tag}`], {
    cwd: scratch,
  });
  const environment = { ...context.environment, source: { kind: 'git' as const, url: mirror } };
  await ports.releases.prepare(environment);
  const release = await ports.releases.fetch({ environment, tag, commit, id: 'premerge', signal, onLine: log });
  await ports.releases.linkShared(environment, release);
  for (const argv of environment.build) {
    const { durationMs } = await say(context, argv, { cwd: release, env: { RELEASE_TAG: tag, RELEASE_VERSION: tag } });
    log(`done in ${formatDuration(durationMs)}`);
  }
  return release;
}

function unstarted({ environment, ports }: PremergeContext, tag: string) {
  const input = { tag, monitor: true };
  return newJob({ id: 'plan', name: 'deploy', requestId: 'plan', environment: environment.name, input, now: ports.clock.now() });
}
