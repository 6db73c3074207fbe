// A button in the App Home carries no channel. It is taken as if it stood in the ops channel: the same rules, the same audit, and the answer there.

import type { Json } from '../core/json.ts';

/** Anything else is handed back as it came. The view itself is not kept: it is the whole page. */
export function placedClick(body: Json, channel: string): Json {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const { view, ...rest } = body as { readonly [key: string]: Json };
  const isHome = typeof view === 'object' && view !== null && Reflect.get(view, 'type') === 'home';
  return isHome && (rest['channel'] ?? null) === null ? { ...rest, channel: { id: channel } } : body;
}
