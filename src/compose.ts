// Puts the real ports together. Everything the program may do to the world is listed here, once.

import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import { type App, createApp } from './app.ts';
import { createCharts } from './charts/draw.ts';
import type { Loaded } from './config/load.ts';
import { secretValues } from './config/notify-secrets.ts';
import type { Charts } from './core/chart.ts';
import type { Groups, Log, Ports } from './core/ports.ts';
import type { Store } from './core/store.ts';
import type { Wish } from './core/wish.ts';
import { createBackups } from './host/backup/backups.ts';
import { createClock } from './host/clock.ts';
import { createCommands, type HostCommands } from './host/commands/commands.ts';
import { createFiles } from './host/files.ts';
import { createGauges } from './host/gauges.ts';
import { createGithub } from './host/github/github.ts';
import { createHttp } from './host/http.ts';
import { createIds } from './host/ids.ts';
import { createLog, type LogLevel } from './host/log.ts';
import { createMedia } from './host/media/media.ts';
import { encodeOwner, isOwnerDead, ownProcess } from './host/processes.ts';
import { createRedactor, type Redact, redactTexts } from './host/redact.ts';
import { redactStore } from './host/redacted-store.ts';
import { createReleases } from './host/releases/releases.ts';
import { createSlots } from './host/slots/slots.ts';
import { createTraffic } from './host/traffic/traffic.ts';
import { createReports } from './reports.ts';
import { type OpenStore, openStore } from './store/open.ts';

export interface Composed {
  readonly app: App;
  readonly opened: OpenStore;
  readonly ports: Ports;
  readonly commands: HostCommands;
  readonly charts: Charts;
  /** `host:pid:startTime` of this process. */
  readonly owner: string;
  readonly redact: Redact;
  readonly log: Log;
  readonly isOwnerDead: (owner: string) => boolean;
}

export interface ComposeOptions {
  readonly loaded: Loaded;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logTo: DestinationStream;
  /** A surface that knows Slack's user groups; asked late, because the surface is made after the ports. */
  readonly groups: () => Groups;
  /** Carry only these jobs; null = all. */
  readonly only: (() => Promise<readonly string[]>) | null;
  /** Stand between the bot and its store or the world: for faults that tests inject. */
  readonly aroundStore?: (store: Store) => Store;
  readonly aroundPorts?: (ports: Ports) => Ports;
}

export function compose(options: ComposeOptions): Composed {
  const { config, secrets, settings } = options.loaded;
  const { dataDir } = config;
  const { env } = options;
  const redact = createRedactor(secretValues(secrets));
  const log = createLog({ level: loudness(settings.logLevel), redact, destination: options.logTo });
  const clock = createClock();
  const opened = openStore({ path: join(dataDir, 'dhash.db'), now: clock.now });
  const store = redactStore(options.aroundStore?.(opened.store) ?? opened.store, redact);
  const files = createFiles({ dataDir, redact, log });
  const http = createHttp();
  const gauges = createGauges();
  const commands = createCommands({ runDir: join(dataDir, 'run', 'commands'), env, redact });
  const owner = encodeOwner(ownProcess());
  const releases = createReleases({
    commands,
    clock,
    onUnlinked: (missing) => log.warn({ ...missing }, 'a shared name has nothing to link to yet'),
  });
  const charts = createCharts();
  const real: Ports = {
    clock,
    ids: createIds(),
    log,
    commands,
    releases,
    slots: createSlots({ dataDir, env, redact, clock, http, run: commands.run }),
    traffic: createTraffic({ dataDir, clock, http, redact, env, run: commands.run }),
    http,
    github: createGithub({ token: secrets.githubToken, apiUrl: settings.githubApiUrl, clock, redact }),
    backups: createBackups({ freeBytes: gauges.freeBytes, log }),
    gauges,
    files,
    groups: { members: (group) => options.groups().members(group), asOf: (group) => options.groups().asOf(group) },
    reports: createReports({ store, files, charts, log, config }),
    media: createMedia({ env }),
  };
  const ports = options.aroundPorts?.(real) ?? real;
  const bot = createApp({ config, store, ports, owner, engine: { isOwnerDead: (other) => isOwnerDead(other), only: options.only } });
  // A secret that somebody types by mistake goes no further than here.
  const app: App = { ...bot, handle: (raw) => bot.handle({ ...raw, wish: redactTexts(raw.wish, redact) as Wish }) };
  return { app, opened, ports, commands, charts, owner, redact, log, isOwnerDead: (other) => isOwnerDead(other) };
}

/** The program logs at three levels; the finer ones of the environment fold into them. */
function loudness(level: Loaded['settings']['logLevel']): LogLevel {
  if (level === 'trace') return 'debug';
  return level === 'fatal' ? 'error' : level;
}
