// The notices as the thread shows them: where the thread has a message for the moment, the notice's facts are in it, and nobody is told twice.

import type { EventType, StoredEvent } from '../core/event.ts';
import type { Fact, Line, Message, ThreadNews } from './message.ts';
import { noticesOf } from './notices/moments.ts';
import { drawNotice, type Site } from './notices/notice.ts';
import type { RequestView } from './view.ts';

const ALARMS: readonly EventType[] = ['monitor.breached', 'monitor.rule-met', 'monitor.blind'];

/** The thread's own message with the facts of the first notice of the moment. Its buttons, its small print and whom it calls stay. */
export function withNotice(news: ThreadNews, told: StoredEvent, story: readonly StoredEvent[], view: RequestView, site: Site): ThreadNews {
  const notice = noticesOf({ told, story, view, site, form: 'chat' })[0];
  if (notice === undefined || !site.notify.audiences[notice.name].includes('ops')) return news;
  const drawn = drawNotice(notice, { view, site });
  if (drawn.kind === 'stopped') return news;
  const { content } = news;
  // An alarm's own words say what happens now (a countdown, who was called); the notice adds what it leaves out.
  if (ALARMS.includes(told.type)) return { ...news, content: { ...content, facts: withMissing(content.facts, drawn.message.facts) } };
  const calls = content.lines.filter(callsSomebody);
  const merged: Message = {
    ...drawn.message,
    lines: [...drawn.message.lines, ...calls],
    tail: drawn.message.tail.length > 0 ? drawn.message.tail : content.tail,
    actions: content.actions,
    footer: content.footer,
  };
  return { ...news, content: merged };
}

function withMissing(facts: readonly Fact[], more: readonly Fact[]): readonly Fact[] {
  const known = new Set(facts.map(({ label }) => label));
  return [...facts, ...more.filter(({ label }) => !known.has(label))];
}

function callsSomebody(line: Line): boolean {
  return line.some((span) => typeof span === 'object' && ('person' in span || 'group' in span));
}
