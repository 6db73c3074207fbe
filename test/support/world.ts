// One bot in memory: the real store, a clock moved by hand, and literal ports that remember what was asked of them.

import { createApp } from '../../src/app.ts';
import type { Actor } from '../../src/core/actor.ts';
import type { Config, Environment } from '../../src/core/config.ts';
import { BotError } from '../../src/core/error.ts';
import type { FileTrouble } from '../../src/core/file-trouble.ts';
import type { NewCommits, Ports, Probe } from '../../src/core/ports.ts';
import type { Slot } from '../../src/core/slot.ts';
import type { Wish } from '../../src/core/wish.ts';
import { createReports } from '../../src/reports.ts';
import { NO_FLUSH } from '../../src/store/flush.ts';
import { openStore } from '../../src/store/open.ts';
import { type TestClock, testClock } from './clock.ts';
import { testConfig } from './config.ts';
import { githubPort } from './github.ts';
import { fakeMedia } from './media.ts';

export const ANA: Actor = { surface: 'slack', id: 'U0LEAD', name: 'ana' };
export const BOB: Actor = { surface: 'slack', id: 'U0BOB', name: 'bob' };
export const CAROL: Actor = { surface: 'slack', id: 'U0CAROL', name: 'carol' };
export const OLGA: Actor = { surface: 'slack', id: 'U0OPS', name: 'olga' };
/** The deploy lead, in a shell. */
export const SHELL: Actor = { surface: 'shell', id: 'U0LEAD', name: 'root' };
export const STRANGER: Actor = { surface: 'slack', id: 'U0STRANGER', name: 'mallory' };

/** A host in memory: what runs where, what the proxy points at, what lies on disk. */
export interface TestHost {
  tags: Record<string, string>;
  active: Slot | null;
  running: Partial<Record<Slot, { readonly release: string; readonly tag: string }>>;
  markers: { version: string | null; current: string | null };
  backups: string[];
  brokenBackups: Set<string>;
  /** Step or port name -> what it throws, once for each entry. */
  failures: Record<string, Error[]>;
  /** Path -> why it cannot be written. */
  unwritable: Record<string, FileTrouble>;
  /** Everything that was done to the host, in order. */
  done: string[];
  /** Which commit was fetched for which job. */
  fetched: { readonly job: string; readonly tag: string; readonly commit: string }[];
  health: { status: number; version: string | null };
  metrics: string | null;
  /** What each release brings; null = the source has no history. */
  commits: NewCommits | null;
}

export interface WorldOptions {
  readonly environment?: Partial<Environment>;
  readonly config?: Partial<Config>;
  readonly path?: string;
  readonly owner?: string;
  readonly dead?: (owner: string) => boolean;
  readonly github?: Partial<Ports['github']>;
  readonly groups?: Ports['groups'];
  /** Two bots in one world: the same time, and the same host. */
  readonly beside?: { readonly clock: TestClock; readonly host: TestHost };
  /** Where ids begin, so that two bots on one database give different ones. */
  readonly firstId?: number;
}

export function world(options: WorldOptions = {}) {
  const clock = options.beside?.clock ?? testClock();
  const config = testConfig(options.environment, options.config);
  const opened = openStore({ path: options.path ?? ':memory:', now: clock.now, flush: NO_FLUSH });
  const { store } = opened;
  const host: TestHost = options.beside?.host ?? {
    tags: { 'v1.9.0': 'c190'.padEnd(40, '0'), 'v2.0.0': 'c200'.padEnd(40, '0'), 'v2.1.0': 'c210'.padEnd(40, '0') },
    active: null,
    running: {},
    markers: { version: null, current: null },
    backups: [],
    brokenBackups: new Set(),
    failures: {},
    unwritable: {},
    done: [],
    fetched: [],
    health: { status: 200, version: null },
    metrics: null,
    commits: null,
  };
  let serial = options.firstId ?? 0;
  const nextId = (prefix: string) => {
    serial += 1;
    return `${prefix}-${String(serial).padStart(4, '0')}`;
  };
  const files = new Map<string, string>();
  const ports: Ports = {
    ...fakePorts(host, clock, config),
    github: githubPort(options.github),
    clock,
    ids: { next: nextId },
    log: { info: () => {}, warn: () => {}, error: (facts, sentence) => host.done.push(`LOG ${sentence} ${JSON.stringify(facts)}`) },
    files: {
      read: async (path) => files.get(path) ?? null,
      write: async (path, text) => {
        files.set(path, text);
      },
      appendLog: () => {},
    },
    groups: options.groups ?? { members: () => null, asOf: () => null },
    reports: createReports({
      store,
      files: { read: async (path) => files.get(path) ?? null, write: async (path, text) => void files.set(path, text) },
      charts: { svg: async (_facts, theme, prefix) => `<svg id="${prefix}" class="${theme}"></svg>` },
      log: { warn: () => {} },
      config,
    }),
    media: fakeMedia(),
  };
  const owner = options.owner ?? 'test:1:1';
  const app = createApp({ config, store, ports, owner, engine: { isOwnerDead: options.dead ?? (() => false), only: null } });
  let said = options.firstId ?? 0;

  async function say(actor: Actor, text: string) {
    said += 1;
    return app.handle({ actor, wish: { kind: 'words', text }, channel: config.slack.channel, dedupeKey: `said-${said}` });
  }

  async function press(
    actor: Actor,
    button: Omit<Extract<Wish, { kind: 'button' }>, 'kind' | 'flags' | 'input'> & {
      readonly input?: string;
      readonly flags?: readonly string[];
    },
  ) {
    said += 1;
    return app.handle({
      actor,
      wish: { kind: 'button', flags: [], input: null, ...button },
      channel: config.slack.channel,
      dedupeKey: `said-${said}`,
    });
  }

  /** Works everything off that is due now, letting the clock move a little for pauses inside steps. */
  async function work(forMs = 5_000) {
    for (let round = 0; round < 10; round += 1) {
      await app.engine.tick();
      await clock.later(forMs / 10);
    }
  }

  async function eventsOf(requestId: string) {
    return (await store.eventsOf(requestId)).map((told) => told.type);
  }

  return { app, clock, config, host, ports, store, opened, files, say, press, work, eventsOf, owner };
}

export type World = ReturnType<typeof world>;

function fakePorts(
  host: TestHost,
  clock: Ports['clock'],
  config: Config,
): Omit<Ports, 'clock' | 'files' | 'github' | 'groups' | 'ids' | 'log' | 'media' | 'reports'> {
  function act(name: string, detail = ''): void {
    host.done.push(detail === '' ? name : `${name} ${detail}`);
    const failure = host.failures[name]?.shift();
    if (failure !== undefined) throw failure;
  }
  const seen = () => host.health.version ?? (host.active === null ? null : (host.running[host.active]?.tag ?? null));

  return {
    commands: {
      run: async ({ argv, onLine }) => {
        act('run', argv.join(' '));
        onLine(`ran ${argv[0]}`);
        return { durationMs: 5, lastLines: [] };
      },
      fence: async () => 0,
    },
    releases: {
      resolve: async (_environment, tag) => {
        act('resolve', tag);
        const commit = host.tags[tag];
        if (commit === undefined) throw new BotError({ code: 'unknown-tag', message: `no tag ${tag}`, hint: null });
        return commit;
      },
      tags: async () => Object.keys(host.tags).toReversed(),
      fetch: async ({ environment, tag, commit, id }) => {
        act('fetch', tag);
        host.fetched.push({ job: id, tag, commit });
        return `${environment.root}/releases/${tag}-${id}`;
      },
      linkShared: async () => act('link'),
      changedFiles: async () => [],
      newCommits: async () => host.commits,
      list: async () => [],
      remove: async (_environment, release) => act('remove', release),
      markers: async () => host.markers,
      mark: async (_environment, release, tag) => {
        act('mark', tag);
        host.markers = { version: tag, current: release };
      },
      prepare: async () => act('prepare'),
    },
    slots: {
      status: async (_environment, slot) => {
        const running = host.running[slot];
        return running === undefined ? { kind: 'stopped' } : { kind: 'running', pid: 1, ...running };
      },
      start: async ({ slot, release, tag }) => {
        act('start', `${slot} ${tag}`);
        host.running[slot] = { release, tag };
      },
      ready: async ({ slot, tag }) => {
        act('ready', `${slot} ${tag}`);
        return { afterMs: 100 };
      },
      stop: async (_environment, slot) => {
        act('stop', slot);
        delete host.running[slot];
      },
      boundLogs: async () => {},
    },
    traffic: {
      publicUrl: () => 'http://127.0.0.1:8080',
      ensure: async () => act('ensure'),
      active: async () => host.active,
      switchTo: async (_environment, slot) => {
        act('switch', slot);
        host.active = slot;
      },
      drain: async (_environment, slot) => {
        act('drain', slot);
        return { left: 0 };
      },
      version: async () => seen(),
      startProbe: () => {},
      markProbe: () => {},
      readProbe: () => probed(10),
      stopProbe: async () => probed(120),
    },
    http: {
      get: async (url) => {
        if (url.endsWith('/metrics'))
          return host.metrics === null
            ? { kind: 'failed', code: 'ECONNREFUSED', detail: 'refused', ms: 1 }
            : { kind: 'answered', status: 200, body: host.metrics, ms: 2 };
        return { kind: 'answered', status: host.health.status, body: JSON.stringify({ status: 'ok', version: seen() }), ms: 3 };
      },
    },
    backups: {
      create: async ({ tag, at, environment }) => {
        act('backup', tag);
        const file = `dhash_${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_')}_${tag}.zip`;
        if (!host.backups.includes(file)) host.backups.unshift(file);
        return { file, bytes: 1_000, files: environment.shared.length + 1, sha256: 'a'.repeat(64) };
      },
      verify: async (_environment, file, depth) => {
        act('verify', `${file} ${depth}`);
        if (host.brokenBackups.has(file) || !host.backups.includes(file))
          return { kind: 'broken', code: 'hash', detail: 'the bytes differ from the sealed hash' };
        return {
          kind: 'verified',
          purpose: 'pre-deploy',
          tag: tagOf(file),
          commit: host.tags[tagOf(file)] ?? 'unknown',
          createdAt: clock.now(),
          job: null,
          bytes: 1_000,
          files: 2,
          sha256: 'a'.repeat(64),
        };
      },
      restore: async ({ environment, file, id }) => {
        act('restore', file);
        return {
          release: `${environment.root}/releases/${tagOf(file)}-${id}`,
          tag: tagOf(file),
          commit: host.tags[tagOf(file)] ?? 'unknown',
        };
      },
      list: async () => host.backups.map((file) => ({ file, bytes: 1_000 })),
      remove: async (_environment, file) => act('remove-backup', file),
      newestData: async () => clock.now(),
    },
    gauges: {
      host: async () => ({ cpu: 10, memory: 20 }),
      tree: async () => ({ cpu: 5, memory: 6 }),
      disk: async () => 30,
      unwritable: async (path) => host.unwritable[path] ?? null,
      freeBytes: async () => 50_000_000_000 + config.service.length,
    },
  };
}

function tagOf(file: string): string {
  return /_(v[^_]+)\.zip$/.exec(file)?.[1] ?? 'v0.0.0';
}

function probed(total: number): Probe {
  const none = { total: 0, failed: 0 };
  return { total, failed: 0, phases: { before: none, during: { total, failed: 0 }, after: none }, firstFailure: null };
}
