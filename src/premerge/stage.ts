// What a stage of the pre-merge run is made of. `premerge.ts` lists them in reading order.

import type { Config, Environment, PremergeStage } from '../core/config.ts';
import { BotError } from '../core/error.ts';
import type { Ports } from '../core/ports.ts';

/** What a run may do to the world. It needs no database, no proxy and nothing of the bot's own. */
export type PremergePorts = Pick<Ports, 'clock' | 'commands' | 'releases' | 'slots' | 'http' | 'backups' | 'files' | 'media'>;

/** What stages find out for later ones. */
export interface Found {
  readonly commit?: string;
  /** The release tag at the commit. */
  readonly tag?: string | null;
  readonly dirty?: boolean;
  /** Folder of the release made in the scratch root. */
  readonly release?: string;
  /** What the scratch copy is started as: the tag, or what package.json says it will become. */
  readonly version?: string;
}

export interface PremergeContext {
  readonly config: Config;
  /** The configured one, moved into the scratch root and onto free ports. */
  readonly environment: Environment;
  /** The checkout. */
  readonly folder: string;
  readonly artifacts: string;
  /** A folder of this run, removed at its end. */
  readonly scratch: string;
  readonly ports: PremergePorts;
  /** Variables of `premerge.variables` that are set. */
  readonly variables: Readonly<Record<string, string>>;
  /** The tag that RELEASE_TAG names, for a commit that has none yet. */
  readonly releaseTag: string | null;
  readonly signal: AbortSignal;
  readonly found: Found;
  /** Into the stage's artifact. */
  readonly log: (line: string) => void;
  /** Names its processes, so that those of a run that was killed are found. */
  readonly key: string;
}

export type StageOutcome =
  /** `evidence` is what a person reads behind the title: numbers, versions, names. */
  | { readonly kind: 'passed'; readonly evidence: string; readonly found?: Found }
  | { readonly kind: 'failed'; readonly evidence: string; readonly hint: string | null; readonly tail?: readonly string[] }
  | { readonly kind: 'skipped'; readonly evidence: string };

export interface Stage {
  readonly name: PremergeStage;
  readonly title: string;
  /** Stages without whose success this one means nothing; one that was skipped is no hindrance. */
  readonly needs: readonly PremergeStage[];
  /** Runs whatever happened before, also after an interruption. */
  readonly always?: true;
  readonly run: (context: PremergeContext) => Promise<StageOutcome>;
}

export function need<K extends keyof Found>({ found }: PremergeContext, what: K): NonNullable<Found[K]> {
  const value = found[what];
  if (value !== undefined && value !== null) return value;
  throw new BotError({ code: 'stage-order', message: `no earlier stage has found "${what}"`, hint: null });
}
