import { type Refusal, refuse } from '../core/refusal.ts';
import type { Request } from '../core/request.ts';
import { closest } from '../core/suggest.ts';
import type { CommandContext } from './command.ts';

/** The request with this id, or a refusal that names the open ones. */
export async function findRequest({ store }: Pick<CommandContext, 'store'>, id: string): Promise<Request | Refusal> {
  const found = await store.request(id);
  if (found !== null) return found;
  const open = (await store.requests({ state: 'open', limit: 20 })).map((request) => request.id);
  const near = closest(id, open);
  return refuse(
    'unknown_request',
    `there is no request "${id.slice(0, 40)}"`,
    near === null ? `Open: ${open.join(', ') || 'none'}.` : `Did you mean ${near}?`,
  );
}

export function isRequest(value: Request | Refusal): value is Request {
  return !('reason' in value);
}
