// The listeners, the same for HTTP and Socket Mode: judge where it comes from, store it, ack. Nothing else happens before the ack.

import type { App } from '@slack/bolt';
import { asBotError, BotError } from '../core/error.ts';
import type { Json } from '../core/json.ts';
import type { Inbox } from '../core/mailbox.ts';
import type { Clock, Log } from '../core/ports.ts';
import { dialogFor } from './dialog.ts';
import { placedClick } from './home-click.ts';
import type { Identity } from './identity.ts';
import { type Asker, type DialogClick, inboxKey, type Kind, keepPayload, readItem } from './payload.ts';
import { NOT_READY, notStored } from './sorry.ts';
import type { Web } from './web.ts';

export interface Listener {
  readonly attach: (app: App) => void;
  /** Accepts nothing new from now on; resolves when everything accepted was acked. */
  readonly close: () => Promise<void>;
  readonly dialogs: Dialogs;
}

export interface ListenerOptions {
  readonly inbox: Inbox;
  readonly identity: Pick<Identity, 'judge'>;
  readonly web: Pick<Web, 'openView' | 'ephemeral'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onReceived: () => void;
  /** Where a button of the App Home counts as pressed. */
  readonly opsChannel: string;
  /** Somebody opened the App Home. */
  readonly onHome: (user: string) => void;
}

/** Reject clicks by inbox key: whose dialog is being opened right now, and whose could not be opened. */
export interface Dialogs {
  readonly opening: ReadonlySet<string>;
  readonly lost: Set<string>;
}

interface Incoming {
  readonly kind: Kind;
  readonly body: Json;
  /** Envelope id or signature: names this one delivery where the payload has no id of its own. */
  readonly delivery: string;
  readonly ack: () => Promise<void>;
  /** Acks with words for the person; null where Slack has no place for them, so that the request is not acked at all. */
  readonly ackWith: ((text: string) => Promise<void>) | null;
}

export function createListener(options: ListenerOptions): Listener {
  const { inbox, clock, log, web } = options;
  const opening = new Set<string>();
  const lost = new Set<string>();
  const busy = new Set<Promise<void>>();
  let open = true;

  return { attach, close, dialogs: { opening, lost } };

  function attach(app: App): void {
    app.command(/.*/, ({ body, ack, context }) =>
      accept({
        kind: 'command',
        body: jsonOf(body),
        delivery: deliveryOf(context),
        ack: () => ack(),
        ackWith: (text) => ack({ response_type: 'ephemeral', text }),
      }),
    );
    app.action(/.*/, ({ body, ack, context }) =>
      accept({
        kind: 'action',
        body: placedClick(jsonOf(body), options.opsChannel),
        delivery: deliveryOf(context),
        ack: () => ack(),
        ackWith: null,
      }),
    );
    // Not stored: a page that was not published is published when it is opened again.
    app.event('app_home_opened', async ({ event, body }) => {
      if (event.tab === 'home' && options.identity.judge(jsonOf(body)).kind === 'ours') options.onHome(event.user);
    });
    app.view(/.*/, ({ body, ack, context }) =>
      accept({
        kind: 'view',
        body: jsonOf(body),
        delivery: deliveryOf(context),
        ack: () => ack(),
        ackWith: (text) => ack({ response_action: 'errors', errors: { reason: text } }),
      }),
    );
  }

  async function close(): Promise<void> {
    open = false;
    await Promise.allSettled(busy);
  }

  async function accept(incoming: Incoming): Promise<void> {
    // Not acked: Slack delivers it again, to the next process or connection.
    if (!open) return;
    const work = receive(incoming);
    busy.add(work);
    try {
      await work;
    } finally {
      busy.delete(work);
    }
  }

  async function receive(incoming: Incoming): Promise<void> {
    const { kind, body, delivery } = incoming;
    const origin = options.identity.judge(body);
    if (origin.kind === 'foreign') {
      log.warn({ code: 'foreign-request', detail: origin.detail, kind }, 'A request of another workspace or app had no effect.');
      return acked(incoming.ack, kind);
    }
    if (origin.kind === 'unknown') return refuse(incoming, NOT_READY);
    const key = inboxKey(kind, body, delivery);
    const payload = keepPayload(kind, body);
    const read = readItem({ key, at: clock.now(), payload });
    if (read.kind === 'dialog-click') opening.add(key);
    try {
      const verdict = await store(key, payload);
      if (verdict instanceof BotError) return await refuse(incoming, notStored(verdict));
      await acked(incoming.ack, key);
      if (verdict === 'seen') return log.info({ key }, 'Slack delivered something twice; it had no second effect.');
      if (read.kind === 'dialog-click') await openDialog(key, read.asker.channel, read.click);
    } finally {
      opening.delete(key);
    }
    options.onReceived();
  }

  async function store(key: string, payload: Json): Promise<'new' | 'seen' | BotError> {
    try {
      return await inbox.receive({ key, at: clock.now(), payload });
    } catch (thrown) {
      log.error({ code: 'inbox-unwritable', key, err: thrown }, 'A request from Slack could not be stored and was not accepted.');
      return asBotError(thrown);
    }
  }

  /** A dialog that does not open leaves the item to the worker, which tells the person what to type. */
  async function openDialog(key: string, channel: string, click: DialogClick): Promise<void> {
    const { trigger, verb, ...facts } = click;
    const opened = await web.openView(trigger, dialogFor(verb, { ...facts, channel }));
    if (opened.kind === 'ok') return inbox.done(key);
    lost.add(key);
    log.warn({ code: opened.code, key }, 'A dialog could not be opened.');
  }

  async function refuse(incoming: Incoming, text: string): Promise<void> {
    const { ackWith } = incoming;
    if (ackWith !== null) return acked(() => ackWith(text), incoming.kind);
    const read = readItem({ key: '', at: clock.now(), payload: keepPayload(incoming.kind, incoming.body) });
    if (read.kind !== 'unreadable') tell(read.asker, text);
    throw new BotError({ code: 'click-not-stored', message: text, hint: null });
  }

  // A click's ack has no place for words, and the outbox may be as full as the inbox: said directly, once, without waiting.
  function tell({ channel, user }: Asker, text: string): void {
    const told = web.ephemeral({ channel, key: '', text, blocks: null, thread: null }, user).then((outcome) => {
      busy.delete(told);
      if (outcome.kind !== 'ok') log.warn({ code: outcome.code, user }, 'A person could not be told that a click was not accepted.');
    });
    busy.add(told);
  }

  async function acked(ack: () => Promise<void>, what: string): Promise<void> {
    try {
      await ack();
    } catch (thrown) {
      log.warn(
        { code: 'ack-not-sent', what, err: thrown },
        'An ack did not go out; Slack will deliver this again and it will have one effect.',
      );
    }
  }
}

function deliveryOf(context: object): string {
  const delivery: unknown = Reflect.get(context, 'delivery');
  return typeof delivery === 'string' ? delivery : '';
}

// Payloads came in as JSON or as a form: this round trip is what makes the type true.
function jsonOf(body: object): Json {
  const json: Json = JSON.parse(JSON.stringify(body));
  return json;
}
