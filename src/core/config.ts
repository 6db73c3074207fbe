// The declared world, frozen after loading. `src/config` makes it out of dhash.yml and the environment.

import type { NotifyConfig } from './notice.ts';
import type { Requirement } from './seats.ts';
import type { DurationMs } from './time.ts';
import type { MonitorConfig, RollbackConfig } from './watch-config.ts';

/** A command as an argument array; never a shell string. */
export type Argv = readonly [string, ...string[]];

export interface Config {
  readonly service: string;
  /** Absolute. Holds dhash.db, logs/, reports/, run/. */
  readonly dataDir: string;
  readonly timezone: string;
  readonly defaultEnvironment: string;
  readonly slack: SlackConfig;
  readonly people: People;
  readonly qualityGates: QualityGates;
  /** null = nobody asks GitHub anything. */
  readonly github: GithubConfig | null;
  /** `url`: where people reach /reports/, with a slash at its end; null = the bot's own port on this host. */
  readonly reports: { readonly url: string | null };
  readonly premerge: PremergeConfig;
  readonly notify: NotifyConfig;
  readonly environments: Readonly<Record<string, Environment>>;
}

export interface GithubConfig {
  /** owner/name */
  readonly repository: string;
  readonly branch: string;
  /** What must be green on the commit; empty = whatever protection of the branch requires. */
  readonly requiredChecks: readonly RequiredCheck[];
  /** Approving reviews wanted on the pull request of the commit; 0 = nobody asks. */
  readonly reviews: number;
  /** How long a deploy waits for checks that have not ended, and for GitHub itself; 0 = not at all. */
  readonly waitForChecks: DurationMs;
}

export interface RequiredCheck {
  readonly name: string;
  /** Slug of the app it must come from, or `any`; null = the app protection names, else GitHub Actions. */
  readonly app: string | null;
}

/** Stages of a pre-merge run, in their order; also the names in its report. */
export const PREMERGE_STAGES = [
  'checkout',
  'tools',
  'install',
  'lint',
  'test',
  'build',
  'deploy-dryrun',
  'migrate-dryrun',
  'start',
  'smoke',
  'monitor',
  'golden',
  'backup',
  'stop',
] as const;
export type PremergeStage = (typeof PREMERGE_STAGES)[number];

export interface PremergeConfig {
  /** Name of the environment whose service, smoke tests and build the scratch copy has. */
  readonly environment: string;
  /** null = npm's own word for it, where package.json has the script. */
  readonly commands: Readonly<Record<'install' | 'lint' | 'test' | 'build' | 'migrateDryRun', Argv | null>>;
  /** Starts the scratch copy; null = as the environment's service starts, where that is a command. */
  readonly start: Argv | null;
  /** Videos that the checkout holds or its build makes, each against its golden set. */
  readonly golden: readonly {
    readonly game: string;
    readonly in: string;
    readonly frames: readonly number[];
    readonly everyFrame: boolean;
  }[];
  /** Names of variables those commands may have from the caller's environment. */
  readonly variables: readonly string[];
  /** Longest time for one command. */
  readonly timeout: DurationMs;
  /** How long the scratch copy is watched. */
  readonly monitor: DurationMs;
  /** Stages that may be skipped for want of anything declared; any other one that is skipped fails the run. */
  readonly maySkip: readonly PremergeStage[];
  /** Absolute path of the report a deploy reads; `{tag}` and `{commit}` are filled in. */
  readonly report: string;
  readonly maxAge: DurationMs;
}

export interface SlackConfig {
  /** The one channel where deploys and rollbacks may be asked for and are told. */
  readonly channel: string;
  /** Team (T...) and app (A...) whose requests count; null = learned from the tokens. */
  readonly team: string | null;
  readonly app: string | null;
}

/** Slack user ids (U.../W...) and user groups (S...). An empty list means nobody. */
export interface People {
  readonly reviewers: readonly string[];
  readonly ops: readonly string[];
  readonly deployLead: string | null;
  readonly oncall: string | null;
  readonly mediaEng: string | null;
  readonly engineeringManager: string | null;
  /** Operating-system user -> Slack user id, for the shell. */
  readonly shell: Readonly<Record<string, string>>;
}

export interface Environment {
  readonly name: string;
  /** Absolute. releases/ shared/ backups/ current VERSION */
  readonly root: string;
  readonly source: Source;
  readonly build: readonly Argv[];
  readonly service: ServiceConfig;
  readonly proxy: ProxyConfig;
  /** Names inside `<root>/shared`, linked into each release. */
  readonly shared: readonly string[];
  readonly migrate: readonly Argv[];
  readonly smoke: readonly SmokeTest[];
  readonly backup: BackupConfig;
  readonly checklist: readonly ChecklistItem[];
  /** Files whose placeholders must have been replaced, absolute. */
  readonly placeholders: readonly string[];
  readonly media: MediaConfig;
  readonly approvals: Requirement & { readonly expiresAfter: DurationMs };
  readonly monitor: MonitorConfig;
  readonly rollback: RollbackConfig;
  readonly escalation: readonly EscalationStep[];
  /** How many old releases stay on disk beside the live and the pinned ones. */
  readonly keepReleases: number;
}

/** What the checklist item `quality-gates` measures. */
export interface MediaConfig {
  /** Absolute: the folder of the golden sets. */
  readonly golden: string;
  readonly checks: readonly GoldenCheck[];
}

export interface GoldenCheck {
  readonly game: string;
  /** Absolute: the video. */
  readonly file: string;
  /** Seconds. */
  readonly frames: readonly number[];
  /** Also every frame, against the golden video of the set. */
  readonly everyFrame: boolean;
}

export type Source = { readonly kind: 'git'; readonly url: string } | { readonly kind: 'archive'; readonly path: string };

export interface ServiceConfig {
  readonly start: { readonly kind: 'process'; readonly argv: Argv } | { readonly kind: 'systemd'; readonly unit: string };
  readonly ports: { readonly blue: number; readonly green: number };
  /** Names of variables the service may inherit from the bot's environment, beside PATH and HOME. */
  readonly environment: readonly string[];
  readonly ready: { readonly path: string; readonly timeout: DurationMs; readonly versionField: string };
  /** How long connections of the old slot may finish after the switch. */
  readonly drain: DurationMs;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeout: DurationMs;
}

/** `listen` is the public port in both cases. */
export type ProxyConfig =
  | { readonly kind: 'builtin'; readonly listen: number; readonly host: string }
  | {
      readonly kind: 'nginx';
      readonly listen: number;
      readonly host: string;
      readonly upstreamFile: string;
      readonly upstream: string;
      readonly reload: Argv;
    };

export type SmokeTest =
  | {
      readonly kind: 'http';
      readonly name: string;
      readonly path: string;
      readonly expect: number;
      readonly critical: boolean;
      readonly timeout: DurationMs;
    }
  | { readonly kind: 'run'; readonly name: string; readonly argv: Argv; readonly critical: boolean; readonly timeout: DurationMs };

export interface BackupConfig {
  readonly keep: DurationMs;
  readonly keepLastGood: number;
  /** Cron expression in `timezone`; null = only when asked. */
  readonly schedule: string | null;
  /** Commands run before the files are read, e.g. a database dump. */
  readonly before: readonly Argv[];
}

export const CHECKLIST_ITEMS = [
  'branch-protection',
  'ci',
  'premerge',
  'backup',
  'quality-gates',
  'performance',
  'placeholders',
  'contacts',
  'approvals',
] as const;
export type ChecklistItem = (typeof CHECKLIST_ITEMS)[number];

export type Role = 'deployLead' | 'oncall' | 'mediaEng' | 'engineeringManager';

export interface EscalationStep {
  readonly to: Role;
  readonly after: DurationMs;
}

/** `quality-gates.json`: the warning tier. */
export interface QualityGates {
  readonly audio: { readonly lufsTolerance: number; readonly truePeakTolerance: number };
  readonly video: {
    readonly ssimThreshold: number;
    /** Which way to measure decides; the other is told beside it. */
    readonly ssimMethod: 'ssim.js' | 'ffmpeg';
    readonly frameRateTolerance: number;
    readonly resolution: { readonly width: number; readonly height: number };
  };
  readonly performance: {
    /** Milliseconds. */
    readonly responseTimeMax: number;
    /** Percent. */
    readonly errorRateMax: number;
    readonly cpuUsageMax: number;
    readonly memoryUsageMax: number;
  };
  readonly monitoring: { readonly checkInterval: DurationMs; readonly failureThreshold: number; readonly recoveryThreshold: number };
}
