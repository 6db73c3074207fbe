// The schema, as numbered steps: the n-th brings a database from user_version n-1 to n. Never change one that was released; add one.

const FIRST = `
CREATE TABLE requests (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  dedupe_key TEXT NOT NULL UNIQUE,
  environment TEXT NOT NULL,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX requests_by_age ON requests (at, n);
CREATE INDEX requests_by_environment ON requests (environment, at, n);
CREATE INDEX requests_by_state ON requests (state, environment, at, n);

-- The columns state, owner, lease_until, wake_at, cancel and version are the truth; the body holds the rest.
CREATE TABLE jobs (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  request_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  state TEXT NOT NULL,
  owner TEXT,
  lease_until INTEGER,
  wake_at INTEGER,
  woken INTEGER NOT NULL DEFAULT 0,
  cancel TEXT,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  CHECK (state = 'running' OR (owner IS NULL AND lease_until IS NULL))
) STRICT;
CREATE INDEX jobs_open ON jobs (created_at, n) WHERE state IN ('queued', 'running', 'waiting');
CREATE INDEX jobs_by_owner ON jobs (owner) WHERE owner IS NOT NULL;
CREATE INDEX jobs_by_age ON jobs (created_at, n);
CREATE INDEX jobs_by_environment ON jobs (environment, created_at, n);
CREATE INDEX jobs_by_request ON jobs (request_id, created_at, n);

CREATE TABLE locks (environment TEXT PRIMARY KEY, holder TEXT NOT NULL, body TEXT NOT NULL) STRICT;

CREATE TABLE deployments (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  environment TEXT NOT NULL,
  live_at INTEGER NOT NULL,
  superseded_at INTEGER,
  body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX deployments_live ON deployments (environment) WHERE superseded_at IS NULL;
CREATE INDEX deployments_by_environment ON deployments (environment, live_at, n);

CREATE TABLE backups (
  environment TEXT NOT NULL,
  file TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (environment, file)
) STRICT;

CREATE TABLE samples (job_id TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (job_id, at)) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  environment TEXT,
  request_id TEXT,
  job_id TEXT,
  actor TEXT,
  data TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_request ON events (request_id, seq) WHERE request_id IS NOT NULL;
CREATE TRIGGER events_never_change BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_never_go BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_follow BEFORE INSERT ON events
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'events are numbered without gaps'); END;

CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE inbox (
  n INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  done_at INTEGER,
  payload TEXT NOT NULL
) STRICT;
CREATE INDEX inbox_pending ON inbox (n) WHERE done_at IS NULL;
CREATE INDEX inbox_done ON inbox (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  place INTEGER NOT NULL,
  key TEXT NOT NULL,
  channel TEXT NOT NULL,
  card TEXT,
  destination TEXT NOT NULL,
  content TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  owner TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL DEFAULT 0,
  ts TEXT,
  error TEXT
) STRICT;
CREATE INDEX outbox_queue ON outbox (channel, place, id) WHERE state IN ('pending', 'sending');
CREATE INDEX outbox_failed ON outbox (id) WHERE state = 'failed';
CREATE TABLE outbox_keys (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE cards (request TEXT PRIMARY KEY, channel TEXT NOT NULL, ts TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE cursors (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE processes (owner TEXT PRIMARY KEY, role TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/** What later versions measure was not measured then: said in the row, so that every reader finds it. */
const SAMPLES_MEASURE_MORE = `
UPDATE samples SET body = json_insert(body, '$.alive', NULL, '$.clientErrors', NULL, '$.serviceCpu', NULL, '$.serviceMemory', NULL,
  '$.disk', NULL, '$.gates', NULL, '$.smoke', NULL, '$.reporters', 0);
`;

/** A row that something else has broken must stay writable and be found by whoever reads it, so the indexes ask whether it is JSON. What `status` asks, and the one row beside the log that a job has while a step of it prints. */
const GLANCE = `
CREATE INDEX events_of_gates ON events (environment, type, seq)
  WHERE type IN ('checklist.judged', 'monitor.updated', 'monitor.ended');
CREATE INDEX backups_verified ON backups (environment, created_at, file) WHERE (CASE WHEN json_valid(body) THEN body ->> 'verifiedAt' END) IS NOT NULL;
CREATE INDEX requests_of_runs ON requests (environment, at, n) WHERE (CASE WHEN json_valid(body) THEN body ->> 'kind' END) IN ('deploy', 'rollback');
CREATE TABLE progress (job_id TEXT PRIMARY KEY, request_id TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX progress_by_request ON progress (request_id, at);
`;

/** With a thousand watches, what is open in one environment, or waits for one card, is one row among thousands. */
const MANY = `
CREATE INDEX jobs_open_in ON jobs (environment, created_at, n) WHERE state IN ('queued', 'running', 'waiting');
CREATE INDEX outbox_cards ON outbox (card, channel, id) WHERE state = 'pending' AND card IS NOT NULL;
`;

export const MIGRATIONS: readonly string[] = [FIRST, SAMPLES_MEASURE_MORE, GLANCE, MANY];
