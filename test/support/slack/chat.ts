// Messages of the strict Slack: posted, edited, shown to one person.

import { blockErrors, markupErrors } from './limits.ts';
import { metadataError } from './metadata.ts';
import { type Answer, type Args, at, nested, no, type SlackMessage, type Workspace, words } from './workspace.ts';

/** A longer post is cut without an error, a longer edit is refused. */
const POST_MAX = 40_000;
const EDIT_MAX = 4_000;

export function postMessage(space: Workspace, args: Args): Answer {
  const text = words(args['text']);
  if (text.length > POST_MAX) space.violations.push(`chat.postMessage: ${text.length} characters are cut to ${POST_MAX}`);
  const refused = channelError(space, args) ?? contentError(space, args, Number.POSITIVE_INFINITY) ?? metadataError(space, args);
  if (refused !== null) return refused;
  const thread = words(args['thread_ts']) || null;
  const channel = messagesOf(space, args);
  if (thread !== null && !channel.some((message) => message.ts === thread)) return no(space.unverified.goneThread);
  const ts = space.nextTs();
  const key = words(at(at(nested(args['metadata']), 'event_payload'), 'key')) || null;
  const broadcast = String(args['reply_broadcast']) === 'true';
  channel.push({ ts, key, text: text.slice(0, POST_MAX), blocks: blocksOf(args), thread, broadcast, edits: 0 });
  return { ok: true, channel: args['channel'], ts, ...(text.length > POST_MAX ? { warning: 'message_truncated' } : {}) };
}

export function updateMessage(space: Workspace, args: Args): Answer {
  const refused = channelError(space, args) ?? contentError(space, args, EDIT_MAX);
  if (refused !== null) return refused;
  const channel = messagesOf(space, args);
  const index = channel.findIndex((message) => message.ts === args['ts']);
  const old = channel[index];
  if (old === undefined) return no('message_not_found');
  if (old.by !== undefined) return no('cant_update_message');
  channel[index] = { ...old, text: words(args['text']), blocks: blocksOf(args), edits: old.edits + 1 };
  return { ok: true, channel: args['channel'], ts: old.ts };
}

export function postEphemeral(space: Workspace, args: Args): Answer {
  const refused = channelError(space, args) ?? contentError(space, args, EDIT_MAX);
  if (refused !== null) return refused;
  const user = words(args['user']);
  if (space.outsiders.has(user)) return no('user_not_in_channel');
  space.ephemerals.push({ channel: words(args['channel']), user, text: words(args['text']), blocks: blocksOf(args) });
  return { ok: true, message_ts: space.nextTs() };
}

export function history(space: Workspace, args: Args): Answer {
  const shown = messagesOf(space, args).filter((message) => message.thread === null || message.broadcast);
  return channelError(space, args) ?? page(space, args, shown.toReversed());
}

export function replies(space: Workspace, args: Args): Answer {
  const refused = channelError(space, args);
  if (refused !== null) return refused;
  const ts = words(args['ts']);
  const thread = messagesOf(space, args).filter((message) => message.thread === ts || message.ts === ts);
  return thread.length === 0 ? no('thread_not_found') : page(space, args, thread);
}

function page(space: Workspace, args: Args, messages: readonly SlackMessage[]): Answer {
  const [oldest, limit, from] = [Number(args['oldest'] ?? 0), Number(args['limit'] ?? 100), Number(args['cursor'] ?? 0)];
  if (Number.isNaN(oldest)) return no('invalid_ts_oldest');
  if (!Number.isInteger(limit) || limit < 1 || limit > 999) return no('invalid_limit');
  if (!Number.isInteger(from) || from > messages.length) return no('invalid_cursor');
  // The first message of a thread comes along whatever its age.
  const young = messages.filter((message) => Number(message.ts) >= oldest || message.ts === args['ts']);
  const size = Math.min(limit, space.pageSize);
  const next = from + size < young.length ? String(from + size) : '';
  const withMetadata = String(args['include_all_metadata']) === 'true';
  const shown = young.slice(from, from + size).map(({ ts, key, text, files, by }) => ({
    type: 'message',
    ts,
    text,
    ...(by === undefined ? { bot_id: 'B0BOT' } : { user: by }),
    ...(files === undefined ? {} : { files }),
    ...(withMetadata && key !== null ? { metadata: { event_type: 'dhash_message', event_payload: { key } } } : {}),
  }));
  return { ok: true, messages: shown, response_metadata: { next_cursor: next } };
}

export function channelError(space: Workspace, args: Args): Answer | null {
  const id = words(args['channel'] ?? args['channel_id']);
  if (!space.channels.has(id)) return no('channel_not_found');
  if (space.archived.has(id)) return no('is_archived');
  return space.notIn.has(id) ? no('not_in_channel') : null;
}

function contentError(space: Workspace, args: Args, limit: number): Answer | null {
  const text = words(args['text']);
  if (text === '') return no('no_text');
  if (text.length > limit) return no('msg_too_long');
  if (args['blocks'] !== undefined && !Array.isArray(nested(args['blocks']))) return no('invalid_blocks_format');
  const errors = [...blockErrors(blocksOf(args), 'message', space.unverified.unit), ...markupErrors(text)];
  return errors.length === 0 ? null : no('invalid_blocks', errors);
}

function messagesOf(space: Workspace, args: Args): SlackMessage[] {
  return space.channels.get(words(args['channel'])) ?? [];
}

function blocksOf(args: Args): readonly unknown[] {
  const blocks = nested(args['blocks']);
  return Array.isArray(blocks) ? blocks : [];
}
