// The media gates of a deploy: every declared video against its golden set, and which golden files this release changes.

import { type CheckResult, error, fail, pass, unknown } from '../core/check.ts';
import type { Config, Environment, GoldenCheck } from '../core/config.ts';
import { asBotError } from '../core/error.ts';
import { type GoldenReport, gameFolder, outcomeOf } from '../core/golden.ts';
import type { Fingerprint } from '../core/media.ts';
import type { Ports } from '../core/ports.ts';
import { formatUtc } from '../core/time.ts';
import type { Check, CheckContext } from './context.ts';
import { checkGolden } from './golden.ts';

/** Where the sets lie in the service's own repository. */
const GOLDEN_IN_SOURCE = 'tests/golden';

export interface Drift {
  /** The tag that is live; null = nothing is, so there is nothing to compare with. */
  readonly since: string | null;
  /** null = it could not be told, and why. */
  readonly changed: readonly string[] | null;
  readonly why: string | null;
}

/** A set against which a video was held, or why it could not be. */
export type GoldenOutcome =
  | { readonly kind: 'checked'; readonly report: GoldenReport }
  | { readonly kind: 'not-checked'; readonly game: string; readonly why: string; readonly hint: string | null };

const SHOWN_FILES = 5;

export const checkQualityGates: Check = async (context, signal) => {
  const drift = driftOf(context, signal);
  const outcomes = await measureGolden(context, signal);
  // Old pictures prove little about a new release: the evidence is as old as the oldest video.
  const writtenAt = outcomes.flatMap((one) => (one.kind === 'checked' ? [one.report.video.writtenAt] : []));
  return { result: judgeQualityGates(outcomes, await drift), at: Math.min(context.now, ...writtenAt) };
};

/** What measuring the declared videos needs. */
export interface GoldenContext {
  readonly environment: Pick<Environment, 'media'>;
  readonly config: Pick<Config, 'qualityGates'>;
  readonly ports: Pick<Ports, 'files' | 'media'>;
}

export async function measureGolden(context: GoldenContext, signal: AbortSignal): Promise<readonly GoldenOutcome[]> {
  const outcomes: GoldenOutcome[] = [];
  // One after another: each uses all cores by itself.
  for (const check of context.environment.media.checks) outcomes.push(await outcome(context, check, signal));
  return outcomes;
}

export function judgeQualityGates(outcomes: readonly GoldenOutcome[], drift: Drift): CheckResult {
  const changes = told(drift);
  if (outcomes.length === 0) {
    return unknown(`no video is declared, so nothing was measured; ${changes}`, 'Declare media.checks of the environment in dhash.yml.');
  }
  const judged = judgeGolden(outcomes);
  return { ...judged, detail: `${judged.detail}; ${changes}` };
}

/** Every declared video against its set. */
export function judgeGolden(outcomes: readonly GoldenOutcome[]): CheckResult {
  const unchecked = outcomes.filter((one) => one.kind === 'not-checked');
  const reports = outcomes.flatMap((one) => (one.kind === 'checked' ? [one.report] : []));
  const bad = reports.flatMap(({ game, cases }) => cases.filter(({ result }) => result.kind !== 'pass').map((one) => ({ game, ...one })));
  const failed = bad.filter(({ result }) => result.kind === 'fail');
  const worst = [...failed, ...bad.filter(({ result }) => result.kind !== 'fail')];
  const lines = [
    ...worst.map(({ game, name, result }) => `${game} ${name}: ${result.detail}`),
    ...unchecked.map(({ game, why }) => `${game}: ${why}`),
    ...reports.filter((report) => outcomeOf(report) !== 'pass').map(({ game, video }) => `${game}: video ${digest(video)}`),
    ...reports.filter((report) => outcomeOf(report) === 'pass').map(measured),
  ];
  const detail = lines.join('; ');
  const [first] = worst;
  const hint = first !== undefined && first.result.kind !== 'pass' ? first.result.hint : (unchecked[0]?.hint ?? null);
  if (failed.length > 0) return fail(detail, hint);
  return bad.length + unchecked.length > 0 ? error(detail, hint) : pass(detail);
}

function measured({ game, cases, lowestSsim, lufs, video, tools }: GoldenReport): string {
  const frames = lowestSsim === null ? 'no frame' : `lowest SSIM ${(Math.floor(lowestSsim * 100_000) / 100_000).toFixed(5)}`;
  const loud = lufs === null ? 'no audio' : `${lufs.toFixed(1)} LUFS`;
  return `${game}: ${cases.length} of ${cases.length} gates pass (${frames}, ${loud}, ffmpeg ${tools.ffmpeg.version}; video ${digest(video)})`;
}

function digest({ sha256, writtenAt }: Fingerprint): string {
  return `of ${formatUtc(writtenAt).slice(0, 16).replace('T', ' ')} UTC, sha256 ${sha256.slice(0, 12)}`;
}

function told({ since, changed, why }: Drift): string {
  if (since === null) return 'nothing is live to compare golden files with';
  if (changed === null) return `golden files changed since ${since}: not known (${why})`;
  if (changed.length === 0) return `no golden file changed since ${since}`;
  const more = changed.length > SHOWN_FILES ? ` and ${changed.length - SHOWN_FILES} more` : '';
  return `${changed.length} golden ${changed.length === 1 ? 'file' : 'files'} changed since ${since}: ${changed.slice(0, SHOWN_FILES).join(', ')}${more}`;
}

async function outcome({ environment, config, ports }: GoldenContext, check: GoldenCheck, signal: AbortSignal): Promise<GoldenOutcome> {
  const { game } = check;
  try {
    const folder = `${environment.media.golden}/${gameFolder(game) ?? game}`;
    const own = `${folder}/linux`;
    // A set of this system's own wins, as in `golden check`.
    const set = (await ports.files.read(`${own}/container.json`)) === null ? folder : own;
    return { kind: 'checked', report: await checkGolden(ports, { ...check, folder: set, gates: config.qualityGates }, signal) };
  } catch (thrown) {
    const { message, hint } = asBotError(thrown);
    return { kind: 'not-checked', game, why: message, hint };
  }
}

async function driftOf({ environment, ports, store, request }: CheckContext, signal: AbortSignal): Promise<Drift> {
  const live = await store.liveDeployment(environment.name);
  if (live === null) return { since: null, changed: null, why: null };
  const { tag, commit } = request;
  try {
    const between = { environment, from: { tag: live.tag, commit: live.commit }, to: { tag, commit }, under: GOLDEN_IN_SOURCE, signal };
    const changed = await ports.releases.changedFiles(between);
    return { since: live.tag, changed, why: changed === null ? 'an archive has no history' : null };
  } catch (thrown) {
    return { since: live.tag, changed: null, why: asBotError(thrown).message };
  }
}
