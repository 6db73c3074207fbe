// What Slack sends, checked once, as what the bot understands.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson, type Json } from '../core/json.ts';
import type { Received } from '../core/mailbox.ts';
import type { RawRequest } from '../core/wish.ts';
import { actionValue, BUTTON_VERBS } from './content.ts';
import { DIALOG_VERBS, type DialogVerb, dialogId, dialogMetadata, REASON_FIELD } from './dialog.ts';

export type Kind = 'command' | 'action' | 'view';

/** Where the answer goes: one person in one channel. */
export interface Asker {
  readonly user: string;
  readonly channel: string;
}

export interface DialogClick {
  readonly verb: DialogVerb;
  readonly trigger: string;
  readonly request: string;
  readonly environment: string;
  readonly expect: string | null;
}

export type Read =
  | { readonly kind: 'request'; readonly asker: Asker; readonly raw: RawRequest }
  /** Reject or Report a problem was pressed: it wants words first. */
  | { readonly kind: 'dialog-click'; readonly asker: Asker; readonly click: DialogClick }
  | { readonly kind: 'unreadable'; readonly asker: Asker | null; readonly detail: string };

const userId = z.string().regex(/^[UW][A-Z0-9]{1,30}$/);
const channelId = z.string().regex(/^[CDG][A-Z0-9]{1,30}$/);
const user = z.object({ id: userId, name: z.string().nullish(), username: z.string().nullish() });

const command = z.object({ user_id: userId, user_name: z.string().nullish(), channel_id: channelId, text: z.string().nullish() });

const action = z.object({
  user,
  trigger_id: z.string().nullish(),
  channel: z.object({ id: channelId }).nullish(),
  container: z.object({ channel_id: channelId.nullish() }).nullish(),
  actions: z.tuple([z.object({ action_id: z.string().max(255), value: z.string().max(2_000).nullish() })]),
});

const view = z.object({
  user,
  view: z.object({
    callback_id: z.enum(DIALOG_VERBS.map(dialogId)),
    private_metadata: z.string(),
    state: z.object({
      values: z.object({ [REASON_FIELD]: z.object({ [REASON_FIELD]: z.object({ value: z.string().nullish() }) }) }),
    }),
  }),
});

const kept = z.object({ kind: z.enum(['command', 'action', 'view']), body: z.record(z.string(), z.unknown()) });
const loose = z.object({ id: userId });

/** The same thing delivered twice has one key, over HTTP and Socket Mode, whatever envelope or signature it came in. */
export function inboxKey(kind: Kind, body: Json, delivery: string): string {
  const trigger = textAt(body, 'trigger_id');
  if (kind === 'view') return shortKey(kind, textAt(at(body, 'view'), 'id') ?? trigger ?? delivery);
  if (trigger === null) return shortKey(kind, `${delivery}:${canonicalJson(body)}`);
  const pressed = at(at(body, 'actions'), '0');
  const parts = kind === 'command' ? [trigger] : [trigger, textAt(pressed, 'action_ts') ?? '', textAt(pressed, 'action_id') ?? ''];
  return shortKey(kind, parts.join(':'));
}

/** What is kept of a payload: not the verification token, not the response URL, not the whole message that the button stood on. */
export function keepPayload(kind: Kind, body: Json): Json {
  const dropped = new Set(['token', 'response_url', 'response_urls', 'message', 'state', 'authorizations']);
  return { kind, body: Object.fromEntries(Object.entries(body ?? {}).filter(([key]) => !dropped.has(key))) };
}

/** Never throws: a payload it cannot use is `unreadable`, with the asker when one can be made out. */
export function readItem(item: Received): Read {
  const read = kept.safeParse(item.payload);
  if (!read.success) return { kind: 'unreadable', asker: null, detail: 'not a stored payload' };
  const { kind, body } = read.data;
  if (kind === 'command') return readCommand(item, body);
  return kind === 'action' ? readAction(item, body) : readView(item, body);
}

function readCommand(item: Received, body: Record<string, unknown>): Read {
  const read = command.safeParse(body);
  if (!read.success) return unreadable(body, read.error);
  const { user_id, user_name, channel_id, text } = read.data;
  return {
    kind: 'request',
    asker: { user: user_id, channel: channel_id },
    raw: {
      actor: { surface: 'slack', id: user_id, name: user_name ?? user_id },
      wish: { kind: 'words', text: text ?? '' },
      channel: channel_id,
      dedupeKey: item.key,
    },
  };
}

function readAction(item: Received, body: Record<string, unknown>): Read {
  const read = action.safeParse(body);
  if (!read.success) return unreadable(body, read.error);
  const [pressed] = read.data.actions;
  const channel = read.data.channel?.id ?? read.data.container?.channel_id ?? null;
  const verb = BUTTON_VERBS.find((known) => pressed.action_id.startsWith(`dhash:${known}:`));
  const value = actionValue.safeParse(parseJson(pressed.value ?? ''));
  if (channel === null) return { kind: 'unreadable', asker: null, detail: 'the button stood in no channel' };
  const asker = { user: read.data.user.id, channel };
  if (verb === undefined || !value.success)
    return { kind: 'unreadable', asker, detail: `button ${pressed.action_id.slice(0, 80)} is not ours` };
  const { request, environment, expect, flags } = value.data;
  const dialog = DIALOG_VERBS.find((known) => known === verb);
  if (dialog !== undefined) {
    return { kind: 'dialog-click', asker, click: { verb: dialog, trigger: read.data.trigger_id ?? '', request, environment, expect } };
  }
  return {
    kind: 'request',
    asker,
    raw: {
      actor: actorOf(read.data.user),
      wish: { kind: 'button', verb, request, environment, expect, flags: flags ?? [], input: null },
      channel,
      dedupeKey: item.key,
    },
  };
}

function readView(item: Received, body: Record<string, unknown>): Read {
  const read = view.safeParse(body);
  if (!read.success) return unreadable(body, read.error);
  const metadata = dialogMetadata.safeParse(parseJson(read.data.view.private_metadata));
  if (!metadata.success) return unreadable(body, metadata.error);
  const { request, environment, expect, channel } = metadata.data;
  return {
    kind: 'request',
    asker: { user: read.data.user.id, channel },
    raw: {
      actor: actorOf(read.data.user),
      wish: {
        kind: 'button',
        verb: DIALOG_VERBS.find((verb) => dialogId(verb) === read.data.view.callback_id) ?? 'reject',
        request,
        environment,
        expect,
        flags: [],
        input: read.data.view.state.values[REASON_FIELD][REASON_FIELD].value?.trim() ?? '',
      },
      channel,
      dedupeKey: item.key,
    },
  };
}

function actorOf(person: z.infer<typeof user>): RawRequest['actor'] {
  return { surface: 'slack', id: person.id, name: person.username ?? person.name ?? person.id };
}

function unreadable(body: Record<string, unknown>, error: z.ZodError): Read {
  const person = loose.safeParse(body['user'] ?? { id: body['user_id'] });
  const place = channelId.safeParse(textAt(body['channel'], 'id') ?? body['channel_id'] ?? textAt(body['container'], 'channel_id'));
  const asker = person.success && place.success ? { user: person.data.id, channel: place.data } : null;
  const detail = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  return { kind: 'unreadable', asker, detail: detail.slice(0, 300) };
}

function shortKey(kind: Kind, id: string): string {
  return id.length <= 200 ? `${kind}:${id}` : `${kind}:sha256:${createHash('sha256').update(id).digest('hex')}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function textAt(value: unknown, key: string): string | null {
  const found = at(value, key);
  return typeof found === 'string' && found !== '' ? found : null;
}
