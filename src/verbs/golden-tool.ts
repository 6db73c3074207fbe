// `bin/dhash golden check|generate|approve`: works from a project's root with dhash.yml, with quality-gates.json alone, or with neither.

import { platform } from 'node:os';
import { join, resolve } from 'node:path';
import { checkGolden } from '../checks/golden.ts';
import type { Output } from '../cli/output.ts';
import { isRefusal } from '../commands/environment.ts';
import { type FlagSpec, parseWords } from '../commands/words.ts';
import { loadGates } from '../config/load.ts';
import type { QualityGates } from '../core/config.ts';
import { asBotError, BotError } from '../core/error.ts';
import { type GoldenReport, gameFolder, OS_SETS, outcomeOf, parseFrames } from '../core/golden.ts';
import type { Media } from '../core/media.ts';
import type { Clock, Files } from '../core/ports.ts';
import { formatUtcCompact } from '../core/time.ts';
import { makeSet } from '../host/golden/make-set.ts';
import { setChanges } from '../host/golden/set-changes.ts';
import { dropProposal, framesIn, isThere, proposalOf, recoverSet, replaceSet } from '../host/golden/swap-set.ts';
import { junitOf, junitOfFailure } from '../templates/junit.ts';

/** Not the other verbs' codes: MOBIUS's pipelines read these. */
export const GOLDEN_EXIT = { pass: 0, error: 1, fail: 2 } as const;
export type GoldenExit = (typeof GOLDEN_EXIT)[keyof typeof GOLDEN_EXIT];

export interface GoldenToolOptions {
  readonly words: readonly string[];
  /** Where tests/golden and quality-gates.json are looked for. */
  readonly cwd: string;
  /** The gates and the data folder of dhash.yml; null = there is none. */
  readonly configured: { readonly gates: QualityGates; readonly dataDir: string } | null;
  /** Used when there is neither dhash.yml nor a quality-gates.json. */
  readonly bundledGates: string;
  readonly media: Media;
  readonly files: Pick<Files, 'read' | 'write'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly output: Output;
  readonly signal: AbortSignal;
}

const USAGE =
  'bin/dhash golden check|generate|approve --game G [--in FILE] [--frames 5,10,20] [--ssim 0.995] [--lufs_tol 1.0] [--tp_tol 1.0] [--junit FILE] [--every-frame] [--perOs] [--yes] [--golden tests/golden]';
const FLAGS: FlagSpec = {
  ...{ game: 'value', in: 'value', frames: 'value', ssim: 'value', lufs_tol: 'value', tp_tol: 'value' },
  ...{ junit: 'value', golden: 'value', 'every-frame': 'switch', perOs: 'switch', yes: 'switch', json: 'switch' },
};

interface Order {
  readonly game: string;
  /** `<game>` or `<game>/<os>`, under `root`. */
  readonly set: string;
  readonly root: string;
  readonly folder: string;
  readonly flags: Readonly<Record<string, string | true>>;
}

export async function runGoldenTool(options: GoldenToolOptions): Promise<GoldenExit> {
  try {
    const [verb = '', ...rest] = options.words;
    const parsed = parseWords(rest, FLAGS, USAGE, 0);
    if (isRefusal(parsed)) throw usage(parsed.message);
    if (verb !== 'check' && verb !== 'generate' && verb !== 'approve') throw usage(`"${verb}" is not check, generate or approve`);
    const order = await orderOf(options, parsed.flags, verb === 'check');
    await recoverSet(order.folder);
    if (verb === 'check') return await check(options, order);
    return verb === 'generate' ? await generate(options, order) : await approve(options, order);
  } catch (thrown) {
    const { message, hint, tail } = asBotError(thrown);
    options.output.trouble(`dhash golden: ${message}`);
    if (hint !== null) options.output.trouble(hint);
    for (const line of tail) options.output.trouble(`  | ${line}`);
    return GOLDEN_EXIT.error;
  }
}

async function orderOf({ cwd }: GoldenToolOptions, flags: Order['flags'], mayShare: boolean): Promise<Order> {
  const game = textOf(flags, 'game') ?? missing('--game');
  const slug = gameFolder(game) ?? missing('a --game with letters or digits');
  const root = resolve(cwd, textOf(flags, 'golden') ?? 'tests/golden');
  const perOs = join(slug, osSet());
  // A check takes the set of its own system where there is one; what writes does so only when told.
  const set = flags['perOs'] === true || (mayShare && (await isThere(join(root, perOs, 'container.json')))) ? perOs : slug;
  return { game, set, root, folder: join(root, set), flags };
}

async function check(options: GoldenToolOptions, order: Order): Promise<GoldenExit> {
  const { output } = options;
  try {
    const report = await measure(options, order);
    await archive(options, order, await junitOf(report));
    print(output, report, order.flags['json'] === true);
    return GOLDEN_EXIT[outcomeOf(report)];
  } catch (thrown) {
    // A pipeline that shows an old report, or none, shows no error.
    const file = textOf(order.flags, 'in') ?? '';
    await archive(options, order, await junitOfFailure({ game: order.game, file, why: asBotError(thrown) }));
    throw thrown;
  }
}

async function measure(options: GoldenToolOptions, { game, folder, flags }: Order): Promise<GoldenReport> {
  const { media, files, signal } = options;
  const declared = await gatesOf(options);
  const gates = {
    audio: {
      ...declared.audio,
      lufsTolerance: numberOf(flags, 'lufs_tol', 60) ?? declared.audio.lufsTolerance,
      truePeakTolerance: numberOf(flags, 'tp_tol', 60) ?? declared.audio.truePeakTolerance,
    },
    video: { ...declared.video, ssimThreshold: numberOf(flags, 'ssim', 1) ?? declared.video.ssimThreshold },
  };
  const frames = framesOf(flags) ?? (await framesIn(folder));
  if (frames.length === 0) throw usage(`${folder} holds no frames, and --frames names none`);
  const everyFrame = flags['every-frame'] === true;
  return checkGolden({ media, files }, { game, file: inputOf(options, flags), folder, frames, everyFrame, gates }, signal);
}

async function archive({ files, cwd, configured, clock }: GoldenToolOptions, { flags }: Order, xml: string): Promise<void> {
  const junit = textOf(flags, 'junit');
  if (junit !== null) await files.write(resolve(cwd, junit), xml);
  if (configured !== null) await files.write(join(configured.dataDir, 'logs/quality', `${formatUtcCompact(clock.now())}_quality.xml`), xml);
}

async function generate(options: GoldenToolOptions, order: Order): Promise<GoldenExit> {
  const { media, output, signal, clock } = options;
  const { game, folder, flags, root, set } = order;
  const frames = framesOf(flags) ?? (await framesIn(folder));
  if (frames.length === 0) throw usage('--frames is missing');
  const into = proposalOf(root, set);
  const generatedAt = new Date(clock.now()).toISOString();
  const withVideo = flags['every-frame'] === true;
  await makeSet(media, { game, file: inputOf(options, flags), frames, withVideo, into, generatedAt, signal });
  const isNew = !(await isThere(join(folder, 'container.json')));
  const changes = isNew ? [] : await setChanges(folder, into);
  for (const line of changes) output.line(`  ${line}`);
  if (!isNew && changes.length === 0) {
    await dropProposal(root, set);
    output.line(`${folder} is already what this video gives.`);
    return GOLDEN_EXIT.pass;
  }
  if (isNew || flags['yes'] === true) return approve(options, order);
  output.line(`Nothing was replaced: there is a golden set in ${folder}. The new one waits in ${into}.`);
  output.line(`Look at it, then: bin/dhash golden approve --game "${game}"${flags['perOs'] === true ? ' --perOs' : ''}`);
  return GOLDEN_EXIT.fail;
}

async function approve({ output }: GoldenToolOptions, order: Order): Promise<GoldenExit> {
  const { folder, root, set, game } = order;
  const proposal = proposalOf(root, set);
  if (!(await isThere(join(proposal, 'container.json')))) {
    throw new BotError({
      code: 'no-proposal',
      message: `No new golden set of ${game} waits in ${proposal}.`,
      hint: `Make one: bin/dhash golden generate --game "${game}" --in <video> --frames 5,10,20`,
    });
  }
  await replaceSet(folder, proposal);
  await dropProposal(root, set);
  output.line(`The golden set of ${game} is in ${folder}: frames at ${(await framesIn(folder)).join(', ')} s.`);
  return GOLDEN_EXIT.pass;
}

function print(output: Output, report: GoldenReport, json: boolean): void {
  if (json) {
    output.line(JSON.stringify({ outcome: outcomeOf(report), ...report }));
    return;
  }
  const width = Math.max(...report.cases.map(({ name }) => name.length));
  for (const { name, result } of report.cases) {
    output.line(`${result.kind.toUpperCase().padEnd(7)} ${name.padEnd(width)}  ${result.detail}`);
    if (result.kind !== 'pass' && result.hint !== null) output.line(`${' '.repeat(width + 10)}${result.hint}`);
  }
  const good = report.cases.filter(({ result }) => result.kind === 'pass').length;
  output.line(
    `${good} of ${report.cases.length} gates pass: ${report.file} against ${report.folder} (ffmpeg ${report.tools.ffmpeg.version})`,
  );
}

async function gatesOf({ configured, cwd, bundledGates, files }: GoldenToolOptions): Promise<QualityGates> {
  if (configured !== null) return configured.gates;
  const own = join(cwd, 'quality-gates.json');
  const { value, problems } = await loadGates((await isThere(own)) ? own : bundledGates, files.read);
  if (value !== null) return value;
  throw new BotError({ code: 'config-invalid', message: problems.map(({ path, message }) => `${path} ${message}`).join('; '), hint: null });
}

function osSet(): string {
  const [linux, macos, windows] = OS_SETS;
  return { darwin: macos, win32: windows }[platform() as string] ?? linux;
}

function inputOf({ cwd }: GoldenToolOptions, flags: Order['flags']): string {
  return resolve(cwd, textOf(flags, 'in') ?? missing('--in'));
}

function framesOf(flags: Order['flags']): readonly number[] | null {
  const text = textOf(flags, 'frames');
  if (text === null) return null;
  return parseFrames(text) ?? missing('--frames as seconds (5,10,2.5), instead of what was written,');
}

function numberOf(flags: Order['flags'], name: string, most: number): number | null {
  const text = textOf(flags, name);
  if (text === null) return null;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || value > most) throw usage(`--${name} wants a number from 0 to ${most} (got "${text}")`);
  return value;
}

function textOf(flags: Order['flags'], name: string): string | null {
  const value = flags[name];
  return typeof value === 'string' ? value : null;
}

function missing(what: string): never {
  throw usage(`${what} is missing`);
}

function usage(message: string): BotError {
  return new BotError({ code: 'usage', message, hint: USAGE });
}
