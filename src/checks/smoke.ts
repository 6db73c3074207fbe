// Smoke tests: what is live is asked through the public port, and by commands of its own.

import type { Environment, SmokeTest } from '../core/config.ts';
import { asBotError, BotError } from '../core/error.ts';
import type { EventMap } from '../core/event.ts';
import type { Ports, Releases, Slots, Traffic } from '../core/ports.ts';
import { formatDuration } from '../core/time.ts';

export interface SmokeContext {
  readonly environment: Environment;
  readonly ports: Pick<Ports, 'commands' | 'http'> & {
    readonly releases: Pick<Releases, 'markers'>;
    readonly slots: Pick<Slots, 'status'>;
    readonly traffic: Pick<Traffic, 'active' | 'publicUrl'>;
  };
  readonly job: { readonly id: string };
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** The release the tests belong to. */
export interface SmokeTarget {
  readonly release: string;
  readonly tag: string;
}

export type SmokeJudged = EventMap['smoke.judged'];
type SmokeResult = SmokeJudged['results'][number];

/**
 * One after the other, as declared; only critical ones decide. Without a `target` the host is asked which release the public port leads to.
 * Throws only when the signal aborts.
 */
export async function runSmoke(context: SmokeContext, target?: SmokeTarget): Promise<SmokeJudged> {
  const results: SmokeResult[] = [];
  for (const test of context.environment.smoke) {
    const outcome = test.kind === 'http' ? await ask(context, test) : await runCommand(context, test, target);
    if (context.signal.aborted)
      throw new BotError({ code: 'smoke-canceled', message: `the smoke test "${test.name}" was cut short`, hint: null });
    context.log(`smoke ${test.name}: ${outcome.passed ? 'passed' : 'failed'}, ${outcome.detail}`);
    results.push({ name: test.name, critical: test.critical, ...outcome });
  }
  return { results, passed: results.every(({ passed, critical }) => passed || !critical) };
}

type Outcome = Pick<SmokeResult, 'passed' | 'detail'>;

async function ask({ environment, ports, signal }: SmokeContext, test: Extract<SmokeTest, { kind: 'http' }>): Promise<Outcome> {
  const url = `${ports.traffic.publicUrl(environment)}${test.path}`;
  const answer = await ports.http.get(url, { timeoutMs: test.timeout, signal });
  if (answer.kind === 'failed') return { passed: false, detail: `${url} gave no answer: ${answer.code}, ${answer.detail}` };
  if (answer.status !== test.expect) return { passed: false, detail: `${url} answered ${answer.status}, not ${test.expect}` };
  return { passed: true, detail: `${answer.status} in ${formatDuration(answer.ms)}` };
}

async function runCommand(
  context: SmokeContext,
  test: Extract<SmokeTest, { kind: 'run' }>,
  given: SmokeTarget | undefined,
): Promise<Outcome> {
  const { environment, ports, job, signal, log } = context;
  try {
    const { release, tag } = given ?? (await whatIsLive(context));
    const env = { PUBLIC_URL: ports.traffic.publicUrl(environment), RELEASE_TAG: tag, RELEASE_VERSION: tag };
    const { durationMs } = await ports.commands.run({
      argv: test.argv,
      cwd: release,
      env,
      timeoutMs: test.timeout,
      signal,
      onLine: log,
      key: job.id,
    });
    return { passed: true, detail: `${test.argv.join(' ')} in ${formatDuration(durationMs)}` };
  } catch (thrown) {
    const { message, tail } = asBotError(thrown);
    const said = tail.at(-1);
    return { passed: false, detail: said === undefined ? message : `${message}: ${said}` };
  }
}

/** Between the switch and the markers only the slot that gets the traffic knows; the markers fill in what a slot cannot say. */
async function whatIsLive({ environment, ports }: SmokeContext): Promise<SmokeTarget> {
  const slot = await ports.traffic.active(environment);
  const status = slot === null ? null : await ports.slots.status(environment, slot);
  const { release, tag } = status?.kind === 'running' ? status : { release: null, tag: null };
  if (release !== null && tag !== null) return { release, tag };
  const { current, version } = await ports.releases.markers(environment);
  if (current !== null && version !== null) return { release: release ?? current, tag: tag ?? version };
  throw new BotError({
    code: 'nothing-live',
    message: `nothing is live in ${environment.name}: there is no release to run it in`,
    hint: null,
  });
}
