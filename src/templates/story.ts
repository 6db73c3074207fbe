// One event -> what is told of it. Pure: the same log always tells the same story.

import type { StoredEvent } from '../core/event.ts';
import { card, subject } from './card.ts';
import { type Message, message, type Posting } from './message.ts';
import { withNotice } from './notice-news.ts';
import type { Site } from './notices/notice.ts';
import { threadNews } from './thread.ts';
import { type RequestView, viewOf } from './view.ts';

/**
 * `story`: every event of the same request up to and including `told`. With `site`, the thread carries the facts of the notices. `reports`: where
 * people find them, with a slash at its end.
 */
export function tellStory(
  told: StoredEvent,
  story: readonly StoredEvent[],
  site: Site | null = null,
  reports: string | null = null,
): readonly Posting[] {
  const view = viewOf(story);
  if (view === null || isQuiet(view)) return [];
  const about = { at: told.at };
  const postings: Posting[] = [
    { ...about, key: `card:${view.id}:${told.seq}`, content: card(view), where: { kind: 'card', request: view.id } },
  ];
  const plain = threadNews(told, view);
  const news = plain === null || site === null ? plain : withNotice(plain, told, story, view, site);
  if (news !== null)
    postings.push({
      ...about,
      key: `thread:${view.id}:${told.seq}`,
      content: reports === null || !isEnd(told) ? news.content : withReport(news.content, `${reports}${view.id}.html`),
      where: { kind: 'thread', request: view.id, broadcast: news.broadcast },
    });
  return [...postings, ...toldToParent(told, view)];
}

/** What is told last of a job or of its watch leads to the whole of it. */
function isEnd({ type }: StoredEvent): boolean {
  return type === 'request.ended' || type === 'monitor.ended';
}

function withReport(content: Message, link: string): Message {
  return { ...content, lines: [...content.lines, [{ link, label: 'The whole report' }]] };
}

/** The nightly backup that went well is in the log; nobody needs to be told each night. */
export function isQuiet(view: RequestView): boolean {
  return view.kind === 'backup' && view.by.surface === 'schedule' && view.state !== 'failed';
}

/** A rollback has a card of its own; the thread it was asked in hears of its beginning and its end. */
function toldToParent(told: StoredEvent, view: RequestView): readonly Posting[] {
  if (view.parentId === null || (told.type !== 'request.made' && told.type !== 'request.ended')) return [];
  const title =
    told.type === 'request.made'
      ? `${view.by.name} asked for a rollback to ${view.tag} (${view.id})`
      : `${subject(view)}: ${view.state} (${view.id})`;
  return [
    {
      key: `parent:${view.id}:${told.seq}`,
      at: told.at,
      content: message('warn', title),
      where: { kind: 'thread', request: view.parentId, broadcast: false },
    },
  ];
}
