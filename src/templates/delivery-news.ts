// Notices that did not get through, where everybody reads what happened: the thread, the terminal, the report.

import type { StoredEvent } from '../core/event.ts';
import { message, quiet, type ThreadNews } from './message.ts';

/** What became of notices that did not get through, told once each. null = not about that. */
export function deliveryNews(told: StoredEvent): ThreadNews | null {
  if (told.type !== 'notice.late' && told.type !== 'notice.lost') return null;
  const { to, notice, code, detail } = told.data;
  const title =
    told.type === 'notice.late'
      ? `${to} is not reached (${code}): "${notice}" is kept and tried again`
      : `"${notice}" was NOT sent to ${to} (${code})`;
  return quiet(message('warn', title, { lines: detail === '' ? [] : [[detail]] }));
}
