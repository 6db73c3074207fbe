// A rollback is done: what runs now, and what has to follow.

import { formatDuration } from '../../core/time.ts';
import { utc } from '../phrases.ts';
import { watchFact } from './facts.ts';
import { NOT_KNOWN, type Notice, type NoticeContext } from './notice.ts';
import { validation } from './success.ts';

const ROOT_CAUSE_WITHIN_MS = 24 * 3_600_000;

export function rollbackDone({ told, view, site }: NoticeContext): Notice<'rollback'> {
  const tag = view.tag ?? NOT_KNOWN;
  const emergency = view.options['emergency'] === true;
  const { reason, from, backup } = view.options;
  const asked = `asked for by ${view.by.name}${emergency ? ' as an emergency' : ''}${view.parentId === null ? '' : ` during ${view.parentId}`}`;
  const took = view.jobEnded === null ? NOT_KNOWN : formatDuration(view.jobEnded.durationMs);
  const watched = site.environments[view.environment]?.monitor.afterRollback ?? null;
  return {
    name: 'rollback',
    tone: 'warn',
    title: `${view.environment} is rolled back: ${tag} is live`,
    facts: {
      trigger: [typeof reason === 'string' && reason !== '' ? `${reason} (${asked})` : asked],
      duration: [`${took} (promised: ${emergency ? '5' : '10'} minutes)`],
      version: typeof backup === 'string' ? [`${tag}, restored from `, { code: backup }] : [tag],
      failedVersion: [typeof from === 'string' ? from : NOT_KNOWN],
      status: [validation(view)],
      rootCause: [`to be told within 24 hours, by ${utc(told.at + ROOT_CAUSE_WITHIN_MS)}`],
      watch: [watchFact(tag, watched, view.watch?.until ?? null)],
    },
  };
}
