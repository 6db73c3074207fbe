// The long-running bot: roles, health pages, schedule, and a way down that loses nothing.

import { createChartEntries, firstOf } from './chart-entries.ts';
import { type Composed, compose } from './compose.ts';
import type { Loaded } from './config/load.ts';
import { requireSlackSecrets } from './config/secrets.ts';
import { SCHEDULE } from './core/actor.ts';
import { BotError } from './core/error.ts';
import { redactInbox } from './host/redacted-store.ts';
import { type Schedule, startSchedule } from './host/schedule.ts';
import { createKeepUp } from './keep-up.ts';
import { createLiveCards, together } from './live-cards.ts';
import { createLiveWatches } from './live-watches.ts';
import { createLogEntries } from './log-entries.ts';
import { createNotices } from './notices.ts';
import type { NotifierHealth } from './notify/deliver.ts';
import { createOperatorPages } from './operator-pages.ts';
import { createProjector, slackEntries } from './projector.ts';
import { createReportPages } from './report-pages.ts';
import { createStoredGroups } from './slack/groups.ts';
import { createSlack, type Slack } from './slack/slack.ts';

export type ProcessRole = 'bot' | 'worker' | 'all';

export interface StartOptions {
  readonly loaded: Loaded;
  readonly role: ProcessRole;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logTo: { readonly write: (line: string) => void };
}

export interface Running {
  /** Where /healthz, /metrics, /reports/ and, in HTTP mode, Slack's requests are served; null for a worker. */
  readonly port: number | null;
  /** No new work, acks out, jobs left resumable; at most ten seconds. */
  readonly stop: () => Promise<void>;
}

/** The drain must fit into ten seconds with its slowest part. */
const STOP_WITHIN_MS = 9_000;
/** Unless HOST says otherwise: what listens to the world should be a reverse proxy. */
const LOOPBACK = '127.0.0.1';

export async function start({ loaded, role, env, logTo }: StartOptions): Promise<Running> {
  let slack: Slack | null = null;
  const composed: Composed = compose({ loaded, env, logTo, groups: () => slack?.groups ?? storedGroups, only: null });
  const { opened, log, owner, commands, app, ports } = composed;
  const storedGroups = createStoredGroups(loaded.config.people, { store: opened.store, clock: ports.clock, log });
  await forgetDeadProcesses(composed);
  await opened.processes.register({ owner, role, at: ports.clock.now() });
  const stopping = new AbortController();
  const loops: Promise<void>[] = [];
  let port: number | null = null;
  let schedule: Schedule | null = null;
  const notices = createNotices(composed, loaded);

  if (role !== 'worker') {
    slack = openSlack(composed, loaded, { host: env['HOST'] ?? LOOPBACK, notices: notices.health });
    port = await slack.start();
    const { store, outbox } = opened;
    const reports = loaded.config.reports.url ?? `http://127.0.0.1:${port}/reports/`;
    const draw = slackEntries(loaded.config, loaded.config.slack.channel, reports);
    const { config } = loaded;
    const charts = firstOf([createChartEntries({ store, config }), createLogEntries({ files: ports.files, config })]);
    const told = { store, clock: ports.clock, log };
    const cursor = 'slack';
    const beside = together([
      createLiveCards({ store, outbox, channel: loaded.config.slack.channel, cursor }),
      createLiveWatches({ store, outbox, config: loaded.config, clock: ports.clock, cursor }),
    ]);
    const projector = createProjector({
      ...told,
      outbox,
      changed: opened.watch(),
      cursor,
      draw,
      charts,
      beside,
      onQueued: slack.wake,
    });
    loops.push(projector.run(stopping.signal), ...(await notices.start(stopping.signal)));
  }
  if (role === 'worker') {
    await storedGroups.load();
    loops.push(storedGroups.follow(stopping.signal));
  }
  if (role !== 'bot') {
    await commands.fenceDead();
    schedule = scheduleBackups(composed, loaded);
    loops.push(app.engine.run());
    const keepUp = createKeepUp({ config: loaded.config, store: opened.store, ports });
    loops.push(keepUp.run(stopping.signal, () => isFirstWorker(composed)));
  }
  log.info({ role, owner, port }, 'The bot is up.');

  return {
    port,
    stop: async () => {
      log.info({ role }, 'Draining: no new work.');
      const down = async () => {
        await schedule?.stop();
        await Promise.all([role === 'bot' ? Promise.resolve() : app.engine.drain(), slack?.stop()]);
        stopping.abort();
        await Promise.all(loops);
        await opened.processes.remove(owner);
      };
      await Promise.race([down(), ports.clock.sleep(STOP_WITHIN_MS)]);
      opened.close();
    },
  };
}

function openSlack(
  composed: Composed,
  { config, secrets, settings }: Loaded,
  { host, notices }: { readonly host: string; readonly notices: () => NotifierHealth },
): Slack {
  const { app, opened, ports, log, owner, redact } = composed;
  const tokens = requireSlackSecrets(secrets);
  const reports = createReportPages({ store: opened.store, reports: ports.reports, config, log });
  const slack: Slack = createSlack({
    config: config.slack,
    people: config.people,
    tokens: {
      bot: tokens.botToken,
      app: tokens.kind === 'socket' ? tokens.appToken : null,
      signingSecret: tokens.signingSecret,
      apiUrl: settings.apiUrl,
    },
    host,
    port: settings.port,
    routes: createOperatorPages({ opened, reports, slack: () => slack.health(), notices, now: ports.clock.now }),
    inbox: redactInbox(opened.inbox, redact),
    outbox: opened.outbox,
    store: opened.store,
    charts: composed.charts,
    handle: app.handle,
    word: app.word,
    clock: ports.clock,
    log,
    owner,
    isDead: composed.isOwnerDead,
    home: { look: app.home, onWrite: opened.store.onWrite, changed: opened.watch() },
  });
  return slack;
}

/** Two workers on one schedule ask with one key, so only one backup is made. */
function scheduleBackups({ app, log }: Composed, { config }: Loaded): Schedule {
  const entries = Object.values(config.environments).flatMap(({ name, backup }) =>
    backup.schedule === null ? [] : [{ name, expression: backup.schedule }],
  );
  return startSchedule(entries, config.timezone, async (name, minute) => {
    const reply = await app.handle({
      actor: SCHEDULE,
      wish: { kind: 'words', text: ['backup', 'create', name] },
      channel: null,
      dedupeKey: `schedule:backup:${name}:${minute}`,
    });
    if (reply.kind === 'refused')
      log.error({ environment: name, reason: reply.reason }, `The nightly backup was refused: ${reply.message}`);
  });
}

/** Of several workers the oldest one that lives looks after what is live. */
async function isFirstWorker({ opened, owner, isOwnerDead }: Composed): Promise<boolean> {
  const processes = await opened.processes.list();
  return processes.find((other) => other.role !== 'bot' && !isOwnerDead(other.owner))?.owner === owner;
}

async function forgetDeadProcesses({ opened, isOwnerDead }: Composed): Promise<void> {
  for (const { owner } of await opened.processes.list()) if (isOwnerDead(owner)) await opened.processes.remove(owner);
}

export function parseRole(text: string): ProcessRole {
  if (text === 'bot' || text === 'worker' || text === 'all') return text;
  throw new BotError({ code: 'usage', message: `--role "${text}" is not a role`, hint: 'Write --role bot, --role worker or --role all.' });
}
