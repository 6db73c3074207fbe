// Everything the core may do to the world. Each port is an argument; tests pass literals or the real thing.

import type { Backups } from './backup.ts';
import type { Argv, Environment } from './config.ts';
import type { FileTrouble } from './file-trouble.ts';
import type { Github } from './github.ts';
import type { Ids } from './ids.ts';
import type { Media } from './media.ts';
import type { Phases } from './phases.ts';
import type { Slot } from './slot.ts';
import type { DurationMs, Instant } from './time.ts';

export interface Ports {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly commands: Commands;
  readonly releases: Releases;
  readonly slots: Slots;
  readonly traffic: Traffic;
  readonly http: Http;
  readonly github: Github;
  readonly backups: Backups;
  readonly gauges: Gauges;
  readonly files: Files;
  readonly groups: Groups;
  readonly reports: Reports;
  readonly media: Media;
}

export interface Reports {
  /** Writes the request's story so far as Markdown, JSON and HTML under `<dataDir>/reports`; answers the paths. */
  readonly write: (requestId: string) => Promise<{ readonly markdown: string; readonly json: string; readonly html: string }>;
}

export interface Clock {
  readonly now: () => Instant;
  /** Resolves after `ms`, or at once (without error) when the signal aborts. */
  readonly sleep: (ms: DurationMs, signal?: AbortSignal) => Promise<void>;
}

/** Structured, redacted; one object and one sentence a line. */
export interface Log {
  readonly info: (facts: Readonly<Record<string, unknown>>, sentence: string) => void;
  readonly warn: (facts: Readonly<Record<string, unknown>>, sentence: string) => void;
  readonly error: (facts: Readonly<Record<string, unknown>>, sentence: string) => void;
}

/** Who is in which Slack user group, from a cache that a surface refreshes. */
export interface Groups {
  /** null = not known (never looked up, look-up failed, or too old): callers must refuse. */
  readonly members: (group: string) => readonly string[] | null;
  /** When that was told; null = not known. */
  readonly asOf: (group: string) => Instant | null;
}

export interface CommandRun {
  readonly argv: Argv;
  readonly cwd: string;
  /** Added to the allow-listed environment (PATH, HOME, LANG, TZ, USER, TMPDIR). */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: DurationMs;
  readonly signal: AbortSignal;
  /** Each line of output as it comes, redacted. */
  readonly onLine: (line: string) => void;
  /** Names the work, so that children of a dead worker can be found and ended: `fence(key)`. */
  readonly key: string;
  /** Asked when it is noted that it runs and before it begins: what this throws keeps it from beginning. */
  readonly mayBegin?: (() => Promise<void>) | undefined;
}

export interface Commands {
  /**
   * Runs to the end, in its own process group. Exit code other than 0, timeout, or a program that is not there throws BotError
   * (`command-failed`, `command-timed-out`, `command-not-found`, `command-canceled`) with the tail of the output and the probable cause as hint.
   */
  readonly run: (run: CommandRun) => Promise<{ readonly durationMs: DurationMs; readonly lastLines: readonly string[] }>;
  /** Ends what an earlier worker left running under this key (found by pid and start time); answers how many process groups. */
  readonly fence: (key: string) => Promise<number>;
}

export interface Markers {
  /** Content of `<root>/VERSION`; null when absent. */
  readonly version: string | null;
  /** Absolute target of `<root>/current`; null when absent. */
  readonly current: string | null;
}

export interface NewCommits {
  readonly count: number;
  /** How many of the other release are not in this one: it goes back, or beside. */
  readonly missing: number;
  /** Of the newest few, newest first, as their authors wrote them: anything may stand there. */
  readonly subjects: readonly string[];
}

export interface Releases {
  /** Tag -> full commit id, asked of the source now. Throws BotError `unknown-tag` or `source-unreachable`. For an archive: `sha256:<hex>` of the file. */
  readonly resolve: (environment: Environment, tag: string) => Promise<string>;
  /** Tags of the source in release form, newest version first. */
  readonly tags: (environment: Environment) => Promise<readonly string[]>;
  /** `<root>/releases/<tag>-<id>`, made complete under a temporary name and then renamed; an existing complete one is returned as it is. */
  readonly fetch: (fetch: {
    readonly environment: Environment;
    readonly tag: string;
    readonly commit: string;
    readonly id: string;
    readonly signal: AbortSignal;
    readonly onLine: (line: string) => void;
    /** As of a command: asked before each that it runs. */
    readonly mayBegin?: () => Promise<void>;
  }) => Promise<string>;
  /** Links each shared name of the environment from `<root>/shared` into the release; what the release ships under that name moves to shared when shared has none. */
  readonly linkShared: (environment: Environment, release: string) => Promise<void>;
  /** Names of files under the folder that differ between two releases of the source; null = it has no history (an archive). */
  readonly changedFiles: (changes: {
    readonly environment: Environment;
    readonly from: { readonly tag: string; readonly commit: string };
    readonly to: { readonly tag: string; readonly commit: string };
    readonly under: string;
    readonly signal: AbortSignal;
  }) => Promise<readonly string[] | null>;
  /** What a release of the source brings that another has not; null = it has no history (an archive). */
  readonly newCommits: (between: {
    readonly environment: Environment;
    readonly from: { readonly tag: string; readonly commit: string };
    readonly to: { readonly tag: string; readonly commit: string };
    readonly signal: AbortSignal;
  }) => Promise<NewCommits | null>;
  readonly list: (environment: Environment) => Promise<readonly string[]>;
  readonly remove: (environment: Environment, release: string) => Promise<void>;
  readonly markers: (environment: Environment) => Promise<Markers>;
  /** Both markers, each written atomically (temp + fsync + rename). */
  readonly mark: (environment: Environment, release: string, tag: string) => Promise<void>;
  /** Creates root, releases, shared and backups; throws BotError naming the path and the right that is missing. */
  readonly prepare: (environment: Environment) => Promise<void>;
}

export type SlotStatus =
  | { readonly kind: 'stopped' }
  /** `release` and `tag` are null for a systemd unit that we did not start. */
  | { readonly kind: 'running'; readonly pid: number; readonly release: string | null; readonly tag: string | null }
  /** Was started by us and is gone without having been stopped. */
  | { readonly kind: 'exited'; readonly detail: string; readonly tail: readonly string[] };

export interface Slots {
  readonly status: (environment: Environment, slot: Slot) => Promise<SlotStatus>;
  /** Starts the release detached from this process, PORT, RELEASE_TAG and RELEASE_VERSION set; what runs in the slot is stopped first. */
  readonly start: (start: {
    readonly environment: Environment;
    readonly slot: Slot;
    readonly release: string;
    readonly tag: string;
  }) => Promise<void>;
  /**
   * Waits until the service in the slot answers its readiness path with 2xx and the version `tag`. Throws BotError `service-exited`
   * (with the log's tail and the probable cause), `wrong-version` or `not-ready`.
   */
  readonly ready: (ready: {
    readonly environment: Environment;
    readonly slot: Slot;
    readonly tag: string;
    readonly signal: AbortSignal;
  }) => Promise<{ readonly afterMs: DurationMs }>;
  /** SIGTERM to the group, SIGKILL after stopTimeout; no error when nothing runs. */
  readonly stop: (environment: Environment, slot: Slot) => Promise<void>;
  /** Of what the service prints into a file of ours only the newest part is kept. */
  readonly boundLogs: (environment: Environment) => Promise<void>;
}

// ---- traffic --------------------------------------------------------------------------------------------------------

/** Before the proxy was told, until the new version was proven, and from then on. */
const PROBE_PHASES = ['before', 'during', 'after'] as const;
export type ProbePhase = (typeof PROBE_PHASES)[number];

export interface Probe {
  readonly total: number;
  readonly failed: number;
  /** The same by when the request was sent. */
  readonly phases: Readonly<Record<ProbePhase, { readonly total: number; readonly failed: number }>>;
  /** What the first failure was, e.g. "ECONNREFUSED after 12 of 80". */
  readonly firstFailure: string | null;
}

export interface Traffic {
  /** Base URL of the public port, e.g. `http://127.0.0.1:8080`. */
  readonly publicUrl: (environment: Environment) => string;
  /** Makes sure that the proxy of this environment runs and holds the public port; starts the built-in one when it does not. */
  readonly ensure: (environment: Environment) => Promise<void>;
  /** Which slot the proxy sends new requests to; null = none yet. */
  readonly active: (environment: Environment) => Promise<Slot | null>;
  /** Atomic: after it resolves every new request goes to the slot. Throws BotError `proxy-reload-failed` with the old upstream back in place. */
  readonly switchTo: (environment: Environment, slot: Slot) => Promise<void>;
  /** Waits until the slot has no open request or connection, at most `environment.service.drain`; answers what was still open (null = the proxy cannot tell). */
  readonly drain: (environment: Environment, slot: Slot, signal: AbortSignal) => Promise<{ readonly left: number | null }>;
  /** The version that the public port answers now, from the readiness path; null when it answers none. */
  readonly version: (environment: Environment) => Promise<string | null>;
  /** Starts asking the public port every 50 ms under this key; no effect when it runs. */
  readonly startProbe: (environment: Environment, key: string) => void;
  /** What is asked from now on belongs to that phase; a probe begins with `before`. No effect when none runs under the key. */
  readonly markProbe: (key: string, phase: ProbePhase) => void;
  /** Counts so far; null when no probe runs in this process under the key (it was restarted). */
  readonly readProbe: (key: string) => Probe | null;
  readonly stopProbe: (key: string) => Promise<Probe | null>;
}

// ---- http -----------------------------------------------------------------------------------------------------------

export type HttpAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string; readonly ms: DurationMs; readonly phases?: Phases }
  /** Refused, reset, timed out or larger than the limit. */
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string; readonly ms: DurationMs; readonly phases?: Phases };

export interface Http {
  /** GET on a new connection; never throws; at most `maxBytes` (default 1 MiB) of body. */
  readonly get: (
    url: string,
    options: { readonly timeoutMs: DurationMs; readonly maxBytes?: number; readonly signal?: AbortSignal },
  ) => Promise<HttpAnswer>;
}

// ---- gauges and files -----------------------------------------------------------------------------------------------

export interface Gauges {
  /** Percent of all processors since the last call for this key, and of memory in use; null = cannot be told (first call, not Linux). */
  readonly host: (key: string) => Promise<{ readonly cpu: number | null; readonly memory: number | null }>;
  readonly freeBytes: (path: string) => Promise<number>;
  /** The same for a process and all its children: their share of all processors since the last call for this key, and of the host's memory. */
  readonly tree: (key: string, pid: number) => Promise<{ readonly cpu: number | null; readonly memory: number | null }>;
  /** Percent of the disk that holds the path in use, as an ordinary user sees it; null = cannot be told. */
  readonly disk: (path: string) => Promise<number | null>;
  /** What keeps the bot from writing there, as the system tells it without a write; null = nothing, or it is not there yet. */
  readonly unwritable: (path: string) => Promise<FileTrouble | null>;
}

export interface Files {
  /** UTF-8 text, or null when there is no such file; throws BotError for anything else (a folder, no right). */
  readonly read: (path: string) => Promise<string | null>;
  /** Temp + fsync + rename, folders made as needed. */
  readonly write: (path: string, text: string) => Promise<void>;
  /** Appends one line to `<dataDir>/logs/<name>.log`. */
  readonly appendLog: (name: string, line: string) => void;
}
