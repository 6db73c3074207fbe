// One event -> what leaves for whom beside Slack, rendered and ready to go. Pure: drawn again it has the same keys, so it is sent once.

import type { StoredEvent } from '../core/event.ts';
import type { Json } from '../core/json.ts';
import type { NewOutboxEntry } from '../core/mailbox.ts';
import type { Audience } from '../core/notice.ts';
import { mailOf } from '../templates/mail.ts';
import type { Message } from '../templates/message.ts';
import { isMoment, noticesOf } from '../templates/notices/moments.ts';
import { type AnyNotice, drawNotice, type NoticeContext, type Site } from '../templates/notices/notice.ts';
import { pageOf } from '../templates/page.ts';
import { teamsCard } from '../templates/teams.ts';
import { viewOf } from '../templates/view.ts';

/** Which channels have what they need: a configuration and a secret. */
export interface OpenChannels {
  readonly mail: boolean;
  readonly teams: boolean;
  readonly pagerduty: boolean;
}

interface Leaving {
  /** `mail:ana@example.com`: each reader has a queue, so that one who is refused or greylisted keeps nobody waiting, and nobody gets it twice for another. */
  readonly channel: string;
  readonly to: string;
  readonly form: NoticeContext['form'];
  readonly render: (message: Message) => Json;
}

export function isWorthALook(told: StoredEvent): boolean {
  return (
    isMoment(told) ||
    told.type === 'alert.acknowledged' ||
    ['monitor.recovered', 'monitor.sighted', 'monitor.rule-cleared'].includes(told.type)
  );
}

export function noticeEntries(told: StoredEvent, story: readonly StoredEvent[], site: Site, open: OpenChannels): readonly NewOutboxEntry[] {
  const view = viewOf(story);
  if (view === null || !isWorthALook(told)) return [];
  const context = { told, story, view, site };
  // Facts first by form: an e-mail may name addresses.
  const chats = noticesOf({ ...context, form: 'chat' });
  const mails = noticesOf({ ...context, form: 'mail' });
  const entries = chats.flatMap((chat, at) => {
    const leaving = site.notify.audiences[chat.name].flatMap((audience) => leavingFor(audience, context, open));
    const once = leaving.filter(({ channel }, index) => leaving.findIndex((other) => other.channel === channel) === index);
    return once.map((way) => entryFor(context, way.form === 'mail' ? (mails[at] ?? chat) : chat, way));
  });
  const page = open.pagerduty ? pageOf(told, story, view, site) : null;
  if (page === null) return entries;
  const plain: unknown = page;
  const paged: NewOutboxEntry = {
    key: `pagerduty:${view.id}:${told.seq}`,
    channel: 'pagerduty:incidents',
    to: { kind: 'notice', request: view.id, notice: page.event_action, to: 'PagerDuty' },
    // A Page is plain data: JSON by construction.
    content: plain as Json,
    at: told.at,
  };
  return [...entries, paged];
}

type Context = Omit<NoticeContext, 'form'>;

function leavingFor(audience: Audience, { told, view, site }: Context, open: OpenChannels): readonly Leaving[] {
  const { mail } = site.notify;
  const about = { service: site.service, environment: view.environment, request: view.id, at: told.at };
  switch (audience) {
    case 'ops':
      return [];
    case 'teams': {
      const small = `${site.service}, ${view.environment}, request ${view.id}`;
      const render = (message: Message) => teamsCard(message, small);
      return open.teams ? [{ channel: 'teams:webhook', to: 'Teams', form: 'chat', render }] : [];
    }
    default:
      return mail === null || !open.mail
        ? []
        : mail[audience].map((address) => ({
            channel: `mail:${address.toLowerCase()}`,
            to: `E-mail to ${address}`,
            form: 'mail',
            render: (message) => ({ ...mailOf(message, about), to: address, thread: view.parentId ?? view.id }),
          }));
  }
}

function entryFor({ told, view, site }: Context, notice: AnyNotice, { channel, to, render }: Leaving): NewOutboxEntry {
  const drawn = drawNotice(notice, { view, site });
  return {
    key: `${channel}:${view.id}:${told.seq}:${notice.name}`,
    channel,
    to: { kind: 'notice', request: view.id, notice: notice.name, to },
    // Queued all the same: the deliverer tells that it was stopped, once, and why.
    content: drawn.kind === 'stopped' ? { stopped: [...drawn.words] } : render(drawn.message),
    at: told.at,
  };
}
