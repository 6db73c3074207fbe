// One environment of dhash.yml as people write it.

import { z } from 'zod';
import { CHECKLIST_ITEMS } from '../core/config.ts';
import { argv, choice, decimal, duration, flag, httpUrl, percent, port, span, text, urlPath, whole } from './leaf.ts';
import { eachOnce, fewerOps, laddered, updatesInside } from './rules.ts';
import { NOT_A_SECRET } from './secrets.ts';

const MINUTE = 60_000;
/** A look more often than this would be load, not watching. */
const SHORTEST_INTERVAL_MS = 100;

const commands = () => z.array(argv()).default([]);

const source = z
  .strictObject({
    git: text(
      'a git address without a password',
      '/srv/git/mobius.git, https://host/x.git, ssh://git@host/x.git or git@host:x.git',
      GIT(),
    ).optional(),
    archive: text('the path of a zip', './artifacts/{tag}.zip with {tag} in it', /\{tag\}.*\.zip$/).optional(),
  })
  .transform(({ git, archive }, context) => {
    if (git !== undefined && archive === undefined) return { kind: 'git' as const, git };
    if (archive !== undefined && git === undefined) return { kind: 'archive' as const, archive };
    context.addIssue({ code: 'custom', message: 'wants exactly one, write { git: ... } or { archive: ... }' });
    return z.NEVER;
  });

const start = z.union([
  argv('[node, server.js], or { unit: "mobius-dhash@{slot}.service" } for systemd'),
  z.strictObject({
    unit: text('a systemd unit for both slots', '"mobius-dhash@{slot}.service" with {slot} in it', /^[\w@.{}-]*\{slot\}[\w@.{}-]*$/),
  }),
]);

const service = z.strictObject({
  start,
  ports: z.strictObject({ blue: port(), green: port() }),
  environment: z.array(text('a variable the service may have (never a secret of the bot)', '[DATABASE_URL]', NOT_A_SECRET)).default([]),
  ready: z
    .strictObject({
      path: urlPath().default('/health'),
      timeout: span().default(MINUTE / 2),
      version: text('the name of a JSON field', 'version').default('version'),
    })
    .prefault({}),
  drain: duration().default(5_000),
  stopTimeout: span().default(10_000),
});

const proxy = z.strictObject({
  listen: port().default(8080),
  host: text('a host name or address', '127.0.0.1', /^[A-Za-z0-9.:-]+$/).default('127.0.0.1'),
  nginx: z
    .strictObject({
      upstreamFile: text('a path', '/etc/nginx/conf.d/dhash-upstream.conf'),
      upstream: text('the name of an nginx upstream', 'mobius_dhash', /^[A-Za-z0-9_.-]+$/).optional(),
      reload: argv().default(['nginx', '-s', 'reload']),
    })
    .optional(),
});

const smokeTest = z
  .strictObject({
    name: text('a name', 'health'),
    get: urlPath().optional(),
    expect: whole(100, 599, 'an HTTP status').optional(),
    run: argv().optional(),
    critical: flag().default(true),
    timeout: span().default(MINUTE / 2),
  })
  .transform(({ name, get, expect, run, critical, timeout }, context) => {
    if (get !== undefined && run === undefined) return { kind: 'http' as const, name, path: get, expect: expect ?? 200, critical, timeout };
    if (run !== undefined && get === undefined && expect === undefined) return { kind: 'run' as const, name, argv: run, critical, timeout };
    context.addIssue({ code: 'custom', message: 'wants exactly one, write { name, get, expect } or { name, run }' });
    return z.NEVER;
  });

const backup = z.strictObject({
  keep: span().default(30 * 24 * 60 * MINUTE),
  keepLastGood: whole(1, 1_000, 'a count').default(5),
  schedule: text('a cron expression of five fields', '"0 3 * * *" or null', /^\S+( +\S+){4}$/)
    .nullable()
    .default('0 3 * * *'),
  before: commands(),
});

const promql = () => text('a PromQL query that gives one number', '"100 * sum(rate(...)) / sum(rate(...))"').optional();

const prometheus = z.strictObject({
  url: httpUrl(),
  queries: z.strictObject({
    up: promql(),
    requests: promql(),
    errorRate: promql(),
    clientErrors: promql(),
    responseTime: promql(),
    cpu: promql(),
    memory: promql(),
  }),
});

const monitor = z.strictObject({
  duration: span().default(60 * MINUTE),
  updates: z.array(duration()).optional(),
  afterRollback: span().default(120 * MINUTE),
  interval: span(SHORTEST_INTERVAL_MS).optional(),
  health: httpUrl().optional(),
  metrics: httpUrl().nullable().optional(),
  series: z
    .strictObject({
      requests: seriesName().default('http_requests_total'),
      status: seriesName().default('status'),
      duration: seriesName().default('http_request_duration_seconds'),
    })
    .prefault({}),
  prometheus: prometheus.nullable().default(null),
  disk: percent().default(90),
  smokeEvery: whole(0, 10_000, 'a count of looks').default(10),
  goldenEvery: whole(0, 10_000, 'a count of looks').default(10),
});

const loadRule = (above: number) =>
  z.strictObject({ above: percent().default(above), checks: whole(1, 1_000, 'a count').default(3), mode: ruleMode() }).prefault({});

const rollback = z.strictObject({
  mode: choice(['observe', 'ask', 'auto']).default('ask'),
  countdown: span().default(MINUTE / 2),
  errorRate: z.strictObject({ above: percent().default(1), for: duration().default(5 * MINUTE), mode: ruleMode() }).prefault({}),
  responseTime: z
    .strictObject({
      above: decimal(1, 600_000, 'a time in milliseconds, as a number').default(500),
      for: duration().default(2 * MINUTE),
      mode: ruleMode(),
    })
    .prefault({}),
  qualityGates: z.strictObject({ failures: whole(1, 1_000, 'a count').default(4), mode: ruleMode() }).prefault({}),
  smoke: z.strictObject({ mode: ruleMode() }).prefault({}),
  cpu: loadRule(90),
  memory: loadRule(95),
});

const media = z.strictObject({
  golden: text('a path', './tests/golden').default('./tests/golden'),
  checks: z
    .array(
      z.strictObject({
        game: text('the name of a game', '"Sushi Go"', /[A-Za-z0-9]/),
        in: text('a path', './latest_output.mp4'),
        frames: z.array(decimal(0, 999_999, 'a time in seconds')).min(1, 'names no frame, write [5, 10, 20]'),
        everyFrame: flag().default(false),
      }),
    )
    .default([]),
});

const approvals = z.strictObject({
  required: whole(0, 20, 'a count of people').default(2),
  fromOps: whole(0, 20, 'a count of people').optional(),
  expiresAfter: span().default(60 * MINUTE),
});

export const environment = z
  .strictObject({
    root: text('a path', '/srv/mobius-dhash', /[^/\s.]/),
    source,
    build: commands(),
    service,
    proxy: proxy.prefault({}),
    shared: z.array(text('a name inside shared/', 'data or .env, no path', /^(?!\.{1,2}$)[A-Za-z0-9._-]+$/)).default([]),
    migrate: commands(),
    smoke: z.array(smokeTest).default([]),
    backup: backup.prefault({}),
    checklist: z.array(choice(CHECKLIST_ITEMS)).optional(),
    placeholders: z.array(text('a path', './announcement.md')).default([]),
    media: media.prefault({}),
    approvals: approvals.prefault({}),
    monitor: monitor.prefault({}),
    rollback: rollback.prefault({}),
    escalation: z
      .array(z.strictObject({ to: choice(['deployLead', 'oncall', 'mediaEng', 'engineeringManager']), after: duration() }))
      .optional(),
    keepReleases: whole(1, 100, 'a count').default(5),
  })
  .refine(fewerOps.holds, fewerOps.else)
  .refine(updatesInside.holds, updatesInside.else)
  .refine(laddered.holds, laddered.else)
  .refine(...eachOnce('smoke', 'name'))
  .refine(...eachOnce('shared'))
  .refine(...eachOnce('checklist'));

/** null = the one of the environment. */
function ruleMode() {
  return choice(['observe', 'ask', 'auto']).nullable().default(null);
}

function seriesName() {
  return text('the name of a Prometheus series or label', 'http_requests_total', /^[A-Za-z_:][A-Za-z0-9_:]*$/);
}

// A path (absolute, or with a dot or slash in front), a file:, http(s) or ssh address, or git@host:path; never an option, a helper (ext::) or a password.
function GIT(): RegExp {
  return /^(?:\.{0,2}\/\S*|file:\/\/\/\S+|https?:\/\/[^\s/@]+\/\S+|ssh:\/\/(?:[\w.-]+@)?[^\s/@:]+(?::\d+)?\/\S+|[\w.-]+@[\w.-]+:(?!\/\/)\S+)$/;
}
