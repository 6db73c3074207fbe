// A deploy is live and has been validated.

import { formatDuration } from '../../core/time.ts';
import { trafficPhrase, utc } from '../phrases.ts';
import type { RequestView } from '../view.ts';
import { changesFact, leadLine, watchFact } from './facts.ts';
import { NOT_KNOWN, type Notice, type NoticeContext } from './notice.ts';

export function success(context: NoticeContext): Notice<'success'> {
  const { told, view, site } = context;
  const tag = view.tag ?? NOT_KNOWN;
  const watched = view.options['no-monitor'] === true ? null : (site.environments[view.environment]?.monitor.duration ?? null);
  return {
    name: 'success',
    tone: 'good',
    title: `${tag} is live in ${view.environment}`,
    facts: {
      tag: [tag],
      finished: [utc(told.at)],
      duration: [view.jobEnded === null ? NOT_KNOWN : formatDuration(view.jobEnded.durationMs)],
      lead: leadLine(context),
      validation: [validation(view)],
      monitoring: [watchFact(tag, watched, view.watch?.until ?? null)],
      changes: changesFact(view, site),
    },
  };
}

/** What was seen to work: the smoke tests, and the requests of users while traffic moved. */
export function validation({ smoke, traffic, live }: RequestView): string {
  const tests =
    smoke === null
      ? 'no smoke tests were run'
      : `${smoke.results.filter(({ passed }) => passed).length} of ${smoke.results.length} smoke tests pass`;
  const moved = traffic === null ? 'the switch was not measured' : `${trafficPhrase(traffic)} during the switch`;
  return [tests, moved, ...(live === null ? [] : [`the public port answers ${live.tag}`])].join('; ');
}
