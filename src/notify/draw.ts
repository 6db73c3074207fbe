// One event -> what leaves for whom beside Slack, rendered and ready to go. Pure: drawn again it has the same keys, so it is sent once.

import type { EventType, StoredEvent } from '../core/event.ts';
import type { Json } from '../core/json.ts';
import type { NewOutboxEntry } from '../core/mailbox.ts';
import type { Audience } from '../core/notice.ts';
import { mailOf } from '../templates/mail.ts';
import type { Message } from '../templates/message.ts';
import { escalation } from '../templates/notices/escalation.ts';
import { isMoment, noticesOf } from '../templates/notices/moments.ts';
import { type AnyNotice, drawNotice, type NoticeContext, type Site } from '../templates/notices/notice.ts';
import { pagesOf } from '../templates/page.ts';
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

/** Beside the moments of the notices: what calls somebody, and what PagerDuty is told of. */
const ABOUT_INCIDENTS: ReadonlySet<EventType> = new Set<EventType>([
  'escalation.called',
  'escalation.ended',
  'alert.acknowledged',
  'monitor.recovered',
  'monitor.sighted',
  'monitor.rule-cleared',
]);

export function isWorthALook(told: StoredEvent): boolean {
  return isMoment(told) || ABOUT_INCIDENTS.has(told.type);
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
  return [...entries, ...callEntries(context, open), ...(open.pagerduty ? pageEntries(context) : [])];
}

/** Whoever is called by the ladder, by e-mail as well where an address is known; once, also for who stands in the emergency list. */
function callEntries(context: Context, open: OpenChannels): readonly NewOutboxEntry[] {
  const { told, site } = context;
  if (told.type !== 'escalation.called' || !open.mail) return [];
  const address = site.notify.contacts[told.data.person]?.mail ?? null;
  const isTold =
    told.data.severity === 'critical' && leavingFor('emergency', context, open).some(({ channel }) => channel === channelOf(address ?? ''));
  return address === null || isTold ? [] : [entryFor(context, escalation({ ...context, told, form: 'mail' }), mailing(address, context))];
}

function pageEntries({ told, story, view, site }: Context): readonly NewOutboxEntry[] {
  return pagesOf(told, story, view, site).map((page) => {
    const plain: unknown = page;
    return {
      key: `pagerduty:${page.dedup_key}:${told.seq}`,
      channel: 'pagerduty:incidents',
      to: { kind: 'notice', request: view.id, notice: page.event_action, to: 'PagerDuty' },
      // A Page is plain data: JSON by construction.
      content: plain as Json,
      at: told.at,
    };
  });
}

type Context = Omit<NoticeContext, 'form'>;

function leavingFor(audience: Audience, context: Context, open: OpenChannels): readonly Leaving[] {
  const { view, site } = context;
  const { mail } = site.notify;
  switch (audience) {
    case 'ops':
      return [];
    case 'teams': {
      const small = `${site.service}, ${view.environment}, request ${view.id}`;
      const render = (message: Message) => teamsCard(message, small);
      return open.teams ? [{ channel: 'teams:webhook', to: 'Teams', form: 'chat', render }] : [];
    }
    default:
      return mail === null || !open.mail ? [] : mail[audience].map((address) => mailing(address, context));
  }
}

function mailing(address: string, { told, view, site }: Context): Leaving {
  const about = { service: site.service, environment: view.environment, request: view.id, at: told.at };
  return {
    channel: channelOf(address),
    to: `E-mail to ${address}`,
    form: 'mail',
    render: (message) => ({ ...mailOf(message, about), to: address, thread: view.parentId ?? view.id }),
  };
}

function channelOf(address: string): string {
  return `mail:${address.toLowerCase()}`;
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
