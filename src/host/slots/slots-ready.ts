// Waits until the service in a slot answers with the right version, and says quickly and exactly when it will not.

import type { Environment } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import type { Clock, Http, SlotStatus } from '../../core/ports.ts';
import type { Slot } from '../../core/slot.ts';
import { type DurationMs, formatDuration } from '../../core/time.ts';
import type { Redact } from '../redact.ts';
import { judgeReadiness, type Readiness, readinessUrl } from '../traffic/traffic-version.ts';
import type { SlotBackend } from './slots-backend.ts';
import { waitFor } from './supervise-wait.ts';

export interface ReadyWait {
  readonly environment: Environment;
  readonly slot: Slot;
  readonly tag: string;
  readonly signal: AbortSignal;
}

interface World {
  readonly backend: SlotBackend;
  readonly clock: Clock;
  readonly http: Http;
  readonly redact: Redact;
}

const ASK_EVERY_MS = 100;
const ANSWER_TIMEOUT_MS = 5_000;
// A version does not change while a service starts: so many answers in a row with another one are enough.
const WRONG_ANSWERS = 10;

export async function untilReady(wait: ReadyWait, world: World): Promise<{ readonly afterMs: DurationMs }> {
  const { environment, slot, tag, signal } = wait;
  const { timeout } = environment.service.ready;
  const startedAt = performance.now();
  const end = AbortSignal.any([signal, AbortSignal.timeout(Math.min(timeout, 2 ** 31 - 1))]);
  let last: Readiness = { kind: 'not-ready', said: 'nothing yet' };
  let wrong = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const look = async (): Promise<true | null> => {
    const answer = await world.http.get(slotUrl(environment, slot), { timeoutMs: Math.min(ANSWER_TIMEOUT_MS, timeout), signal: end });
    const isAborted = answer.kind === 'failed' && answer.code === 'aborted';
    if (!isAborted) last = judgeReadiness(answer, environment.service.ready.versionField, world.redact);
    const isRight = last.kind === 'version' && last.version === tag;
    wrong = last.kind === 'version' && !isRight ? wrong + 1 : 0;
    if (isRight || performance.now() - lookedAt >= world.backend.lookEveryMs) {
      lookedAt = performance.now();
      refuseGone(wait, await world.backend.status(environment, slot));
    }
    if (wrong >= WRONG_ANSWERS) throw wrongVersion(wait, last);
    return isRight ? true : null;
  };

  const found = await waitFor({ clock: world.clock, withinMs: timeout, everyMs: ASK_EVERY_MS, signal }, look);
  if (found !== null) return { afterMs: Math.round(performance.now() - startedAt) };
  if (signal.aborted) throw new BotError({ code: 'ready-canceled', message: `Waiting for ${tag} in ${slot} was canceled`, hint: null });
  throw wrong > 0 ? wrongVersion(wait, last) : notReady(wait, last);
}

function slotUrl(environment: Environment, slot: Slot): string {
  return readinessUrl(`http://127.0.0.1:${environment.service.ports[slot]}`, environment);
}

function refuseGone({ environment, slot, tag }: ReadyWait, status: SlotStatus): void {
  if (status.kind === 'running') return;
  throw new BotError({
    code: 'service-exited',
    message: `The service of ${environment.name} in ${slot} ended before ${tag} was ready: ${status.kind === 'exited' ? status.detail : 'nothing runs there'}`,
    hint: 'Read its last lines; try it by hand in its release folder with the same PORT.',
    tail: status.kind === 'exited' ? status.tail : [],
  });
}

function wrongVersion({ environment, slot, tag }: ReadyWait, last: Readiness): BotError {
  const said = last.kind === 'version' ? last.version : 'none';
  return new BotError({
    code: 'wrong-version',
    message: `${slotUrl(environment, slot)} answers version ${said}, expected ${tag}`,
    hint: `Is "${environment.service.ready.versionField}" taken from RELEASE_VERSION, or written into the release and not raised? It must equal the tag, with its v.`,
  });
}

function notReady({ environment, slot, tag }: ReadyWait, last: Readiness): BotError {
  return new BotError({
    code: 'not-ready',
    message: `${tag} in ${slot} of ${environment.name} was not ready within ${formatDuration(environment.service.ready.timeout)}; last answer of ${slotUrl(environment, slot)}: ${last.kind === 'version' ? last.version : last.said}`,
    hint: 'It runs, but does not become ready: read its log, or raise service.ready.timeout in dhash.yml.',
  });
}
