// What the fake Slack does for each method, over channels that are plain data.

import { completeUpload, type FakeUpload, reserveUpload } from './files.ts';
import { blockErrors, homeErrors, markupErrors, viewErrors } from './limits.ts';

export interface FakeMessage {
  readonly ts: string;
  readonly key: string | null;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly thread: string | null;
  readonly broadcast: boolean;
  readonly edits: number;
  readonly files?: readonly { readonly id: string; readonly title: string }[];
}

export interface FakeEphemeral {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
}

export interface Workspace {
  readonly channels: Map<string, FakeMessage[]>;
  readonly ephemerals: FakeEphemeral[];
  /** Person -> their App Home as it stands, and how often it was published. */
  readonly homes: Map<string, { readonly view: unknown; readonly times: number }>;
  readonly views: { readonly trigger: string; readonly view: unknown }[];
  /** A list, or the error code that Slack gives for the group. */
  readonly groups: Map<string, readonly string[] | string>;
  readonly scopes: Set<string>;
  /** Triggers that a dialog may still be opened with. */
  readonly triggers: Set<string>;
  /** Names of channels that the bot is not in. */
  readonly notIn: Set<string>;
  /** The time stamp of the next message, later than all before. */
  readonly nextTs: () => string;
  readonly uploads: Map<string, FakeUpload>;
  /** Where the workspace can be reached. */
  base: string;
}

export type Args = Readonly<Record<string, unknown>>;
export type Answer = Readonly<Record<string, unknown>>;

export const SCOPES: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'apps.connections.open': [],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'conversations.history': ['channels:history'],
  'conversations.replies': ['channels:history'],
  'files.getUploadURLExternal': ['files:write'],
  'files.completeUploadExternal': ['files:write'],
  'usergroups.users.list': ['usergroups:read'],
  'views.open': [],
  'views.publish': [],
};

/** `now`: the time of day that messages are stamped with, as Slack does; by default a moment that never moves. */
export function newWorkspace(now: () => number = () => 1_795_000_000_000): Workspace {
  let last = 0;
  return {
    channels: new Map([['C0OPS', []]]),
    ephemerals: [],
    homes: new Map(),
    views: [],
    groups: new Map(),
    scopes: new Set(Object.values(SCOPES).flat()),
    triggers: new Set(),
    notIn: new Set(),
    nextTs: () => {
      // In millionths of a second: two messages of one millisecond still differ.
      last = Math.max(last + 1, now() * 1_000);
      return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, '0')}`;
    },
    uploads: new Map(),
    base: '',
  };
}

/** Runs one method. The answer is Slack's JSON body. */
export function runMethod(space: Workspace, method: string, args: Args): Answer {
  const missing = (SCOPES[method] ?? []).find((scope) => !space.scopes.has(scope));
  if (missing !== undefined) return { ok: false, error: 'missing_scope', needed: missing, provided: [...space.scopes].join(',') };
  switch (method) {
    case 'auth.test':
      return { ok: true, team_id: 'T0TEAM', user_id: 'U0BOT', bot_id: 'B0BOT' };
    case 'chat.postMessage':
      return postMessage(space, args);
    case 'chat.update':
      return update(space, args);
    case 'chat.postEphemeral':
      return postEphemeral(space, args);
    case 'conversations.history':
    case 'conversations.replies':
      return history(space, args, method.endsWith('replies'));
    case 'usergroups.users.list':
      return groupMembers(space, args);
    case 'views.publish':
      return publishView(space, args);
    case 'files.getUploadURLExternal':
      return reserveUpload(space, args);
    case 'files.completeUploadExternal':
      return completeUpload(space, args, space.nextTs());
    case 'views.open':
      return openView(space, args);
    default:
      return { ok: false, error: 'unknown_method' };
  }
}

function postMessage(space: Workspace, args: Args): Answer {
  const refused = channelError(space, args) ?? contentError(args, 40_000);
  if (refused !== null) return refused;
  const metadata = json(args['metadata']);
  const thread = string(args['thread_ts']) || null;
  const channel = channelOf(space, args);
  if (thread !== null && !channel.some((message) => message.ts === thread)) return no('thread_not_found');
  const ts = space.nextTs();
  const key = string(at(at(metadata, 'event_payload'), 'key')) || null;
  const broadcast = args['reply_broadcast'] === 'true';
  channel.push({ ts, key, text: string(args['text']), blocks: blocksOf(args), thread, broadcast, edits: 0 });
  return { ok: true, channel: args['channel'], ts };
}

function update(space: Workspace, args: Args): Answer {
  const refused = channelError(space, args) ?? contentError(args, 4_000);
  if (refused !== null) return refused;
  const channel = channelOf(space, args);
  const index = channel.findIndex((message) => message.ts === args['ts']);
  const old = channel[index];
  if (old === undefined) return no('message_not_found');
  channel[index] = { ...old, text: string(args['text']), blocks: blocksOf(args), edits: old.edits + 1 };
  return { ok: true, channel: args['channel'], ts: old.ts };
}

function postEphemeral(space: Workspace, args: Args): Answer {
  const refused = channelError(space, args) ?? contentError(args, 4_000);
  if (refused !== null) return refused;
  space.ephemerals.push({
    channel: string(args['channel']),
    user: string(args['user']),
    text: string(args['text']),
    blocks: blocksOf(args),
  });
  return { ok: true, message_ts: '1795000000.000001' };
}

function history(space: Workspace, args: Args, replies: boolean): Answer {
  const refused = channelError(space, args);
  if (refused !== null) return refused;
  const all = channelOf(space, args).filter((message) =>
    replies ? message.thread === args['ts'] || message.ts === args['ts'] : message.thread === null || message.broadcast,
  );
  if (replies && all.length === 0) return no('thread_not_found');
  const sorted = (replies ? all : all.toReversed()).filter((message) => Number(message.ts) >= Number(args['oldest'] ?? 0) || replies);
  // Small pages, so that every look-up of an older message needs several.
  const from = Number(args['cursor'] ?? 0);
  const next = from + 3 < sorted.length ? String(from + 3) : '';
  const messages = sorted.slice(from, from + 3).map(({ ts, key, text, files }) => ({
    type: 'message',
    ts,
    text,
    ...(files === undefined ? {} : { files }),
    ...(args['include_all_metadata'] === 'true' && key !== null
      ? { metadata: { event_type: 'dhash_message', event_payload: { key } } }
      : {}),
  }));
  return { ok: true, messages, response_metadata: { next_cursor: next } };
}

function groupMembers(space: Workspace, args: Args): Answer {
  const group = space.groups.get(string(args['usergroup']));
  if (group === undefined) return no('no_such_subteam');
  return typeof group === 'string' ? no(group) : { ok: true, users: group };
}

function openView(space: Workspace, args: Args): Answer {
  const view = json(args['view']);
  const errors = viewErrors(view);
  if (errors.length > 0) return { ...no('invalid_arguments'), response_metadata: { messages: errors.map((error) => `[ERROR] ${error}`) } };
  const trigger = string(args['trigger_id']);
  if (!space.triggers.delete(trigger)) return no('expired_trigger_id');
  space.views.push({ trigger, view });
  return { ok: true, view: { id: `V${space.views.length}` } };
}

function publishView(space: Workspace, args: Args): Answer {
  const view = json(args['view']);
  const user = string(args['user_id']);
  if (!/^[UW][A-Z0-9]+$/.test(user)) return no('invalid_arguments');
  const errors = homeErrors(view);
  if (errors.length > 0) return { ...no('invalid_arguments'), response_metadata: { messages: errors.map((error) => `[ERROR] ${error}`) } };
  space.homes.set(user, { view, times: (space.homes.get(user)?.times ?? 0) + 1 });
  return { ok: true, view: { id: `V-${user}`, type: 'home' } };
}

function channelError(space: Workspace, args: Args): Answer | null {
  const id = string(args['channel']);
  if (!space.channels.has(id)) return no('channel_not_found');
  return space.notIn.has(id) ? no('not_in_channel') : null;
}

function contentError(args: Args, limit: number): Answer | null {
  const text = string(args['text']);
  if (text === '') return no('no_text');
  if (text.length > limit) return no('msg_too_long');
  const errors = [...blockErrors(blocksOf(args)), ...markupErrors(text)];
  return errors.length === 0
    ? null
    : { ...no('invalid_blocks'), errors, response_metadata: { messages: errors.map((e) => `[ERROR] ${e}`) } };
}

function channelOf(space: Workspace, args: Args): FakeMessage[] {
  return space.channels.get(string(args['channel'])) ?? [];
}

function blocksOf(args: Args): readonly unknown[] {
  const blocks = json(args['blocks']);
  return Array.isArray(blocks) ? blocks : [];
}

function no(error: string): Answer {
  return { ok: false, error };
}

function json(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value;
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
