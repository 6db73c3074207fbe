// The calls to Slack's Web API, each answered by an Outcome and never by an exception. The only file that holds a WebClient.

import type { types } from '@slack/bolt';
import { type Logger, webApi } from '@slack/bolt';
import type { DurationMs, Instant } from '../core/time.ts';
import { judgeFailure, type Outcome } from './outcome.ts';
import { createWebFiles, type WebFiles } from './web-files.ts';

/** Travels in every message's metadata, so that a send with a lost answer can be looked up. */
const METADATA_TYPE = 'dhash_message';

export interface Draft {
  readonly channel: string;
  readonly key: string;
  readonly text: string;
  /** null = text only. */
  readonly blocks: readonly types.KnownBlock[] | null;
  readonly thread: { readonly ts: string; readonly broadcast: boolean } | null;
}

export interface Web {
  readonly whoAmI: () => Promise<Outcome<{ readonly team: string; readonly user: string }>>;
  /** Answers the new message's ts. */
  readonly post: (draft: Draft) => Promise<Outcome<string>>;
  readonly update: (draft: Draft, ts: string) => Promise<Outcome<string>>;
  readonly ephemeral: (draft: Draft, user: string) => Promise<Outcome<null>>;
  /** The ts of the message with this key, in the channel or in a thread; null = Slack certainly does not have it. */
  readonly find: (find: {
    readonly channel: string;
    readonly thread: string | null;
    readonly key: string;
    readonly since: Instant;
  }) => Promise<Outcome<string | null>>;
  readonly openView: (trigger: string, view: types.ModalView) => Promise<Outcome<null>>;
  readonly publishHome: (user: string, view: types.HomeView) => Promise<Outcome<null>>;
  readonly groupMembers: (group: string) => Promise<Outcome<readonly string[]>>;
  readonly files: WebFiles;
}

export interface WebOptions {
  readonly token: string;
  /** null = Slack's own. */
  readonly apiUrl: string | null;
  readonly logger: Logger;
  readonly timeoutMs?: DurationMs;
}

/** Clocks may differ: look a little before the entry was made. */
const SKEW_MS = 600_000;
const TIMEOUT_MS = 10_000;
const PAGE = 200;
const MAX_PAGES = 100;

export function createWeb(options: WebOptions): Web {
  // One client per purpose: a client pauses as a whole, Slack limits by method.
  const client = webClient(options);

  return {
    whoAmI: () =>
      outcome(async () => {
        const { team_id, user_id } = await client.auth.test();
        return { team: team_id ?? '', user: user_id ?? '' };
      }),
    post: (draft) =>
      outcome(async () => {
        const thread = draft.thread === null ? {} : { thread_ts: draft.thread.ts, reply_broadcast: draft.thread.broadcast };
        const { ts } = await client.chat.postMessage({ ...content(draft), ...thread, metadata: metadata(draft.key), ...QUIET });
        return stamp(ts);
      }),
    update: (draft, ts) =>
      outcome(async () => {
        // An explicit empty list takes blocks away that an earlier version of the message had.
        await client.chat.update({ blocks: [], ...content(draft), ts, parse: 'none' });
        return ts;
      }),
    ephemeral: (draft, user) =>
      outcome(async () => {
        await client.chat.postEphemeral({ ...content(draft), user, parse: 'none' });
        return null;
      }),
    find: (find) => outcome(() => findByKey(client, find)),
    openView: (trigger, view) =>
      outcome(async () => {
        await client.views.open({ trigger_id: trigger, view });
        return null;
      }),
    publishHome: (user_id, view) =>
      outcome(async () => {
        await client.views.publish({ user_id, view });
        return null;
      }),
    groupMembers: (usergroup) =>
      outcome(async () => {
        const { users } = await client.usergroups.users.list({ usergroup });
        // A missing list is no answer: an empty group comes as [].
        if (!Array.isArray(users)) throw new TypeError('usergroups.users.list answered without users');
        return users;
      }),
    files: createWebFiles(client, { apiUrl: options.apiUrl, timeoutMs: options.timeoutMs ?? TIMEOUT_MS }),
  };
}

const QUIET = { parse: 'none', unfurl_links: false, unfurl_media: false } as const;

function content({ channel, text, blocks }: Draft) {
  return { channel, text, ...(blocks === null ? {} : { blocks: [...blocks] }) };
}

function metadata(key: string) {
  return { event_type: METADATA_TYPE, event_payload: { key } };
}

async function findByKey(client: webApi.WebClient, find: Parameters<Web['find']>[0]): Promise<string | null> {
  const oldest = String(Math.max(0, Math.floor((find.since - SKEW_MS) / 1_000)));
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { channel: find.channel, oldest, include_all_metadata: true, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const answer =
      find.thread === null ? await client.conversations.history(query) : await client.conversations.replies({ ...query, ts: find.thread });
    if (!Array.isArray(answer.messages)) throw new TypeError('Slack answered a history without messages');
    const found = answer.messages.find((message) => keyOf(message) === find.key);
    if (found !== undefined) return stamp(found.ts);
    cursor = answer.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return null;
  }
  throw new RangeError(`more than ${MAX_PAGES * PAGE} messages since the entry was made`);
}

function keyOf(message: object): unknown {
  const held: unknown = Reflect.get(message, 'metadata');
  if (typeof held !== 'object' || held === null || Reflect.get(held, 'event_type') !== METADATA_TYPE) return undefined;
  const payload: unknown = Reflect.get(held, 'event_payload');
  return typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'key') : undefined;
}

// An ok without a timestamp cannot be trusted to be a message: it counts as ambiguous and is looked up.
function stamp(ts: string | undefined): string {
  if (ts === undefined || !/^\d+\.\d+$/.test(ts)) throw new TypeError('Slack answered ok without a message timestamp');
  return ts;
}

async function outcome<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'ok', value: await call() };
  } catch (thrown) {
    return judgeFailure(thrown);
  }
}

function webClient(options: WebOptions): webApi.WebClient {
  return new webApi.WebClient(options.token, {
    ...(options.apiUrl === null ? {} : { slackApiUrl: options.apiUrl }),
    retryConfig: { retries: 0 },
    timeout: options.timeoutMs ?? TIMEOUT_MS,
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    maxRequestConcurrency: 4,
    logger: options.logger,
    fetch: fetchWithRetryAfter,
  });
}

// The SDK throws a nameless error for a 429 without a usable Retry-After; with one it says what happened.
async function fetchWithRetryAfter(...[url, init]: Parameters<webApi.FetchFunction>) {
  const response = await fetch(url, init);
  if (response.status !== 429 || /^\d+$/.test(response.headers.get('retry-after') ?? '')) return response;
  await response.body?.cancel();
  return new Response(null, { status: 429, headers: { 'retry-after': '30' } });
}
