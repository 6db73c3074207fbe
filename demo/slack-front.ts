// Stands between the bot and local-slack, and does the few things real Slack would do for the page: dates as text, code blocks line by
// line, `& < >` unescaped, broadcasts shown in the channel too. Everything else passes as it is. Demo only: the bot is not told.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { openLoopback, sendJson } from './loopback.ts';
import { translate } from './slack-words.ts';

export interface SlackFront {
  /** For SLACK_API_URL; ends with a slash. */
  readonly apiUrl: string;
  readonly close: () => Promise<void>;
}

type Args = Readonly<Record<string, unknown>>;
type Answer = Readonly<Record<string, unknown>>;

/** `api` is local-slack's own API address, ending with a slash. */
export async function startSlackFront(api: string): Promise<SlackFront> {
  /** Thread reply -> its copy in the channel. */
  const copies = new Map<string, string>();
  const { url, close } = await openLoopback(serve, (detail) => ({ ok: false, error: 'internal_error', detail }));
  return { apiUrl: `${url}/api/`, close };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = (request.url ?? '').replace(/^\/api\//, '').replace(/\?.*$/, '');
    const { authorization = '' } = request.headers;
    const args = translate(await readArgs(request));
    const answer = await call(method, args, authorization);
    sendJson(response, 200, answer);
    await keepCopy(method, args, answer, authorization);
  }

  async function call(method: string, args: Args, authorization: string): Promise<Answer> {
    const answer = await fetch(`${api}${method}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(args),
      signal: AbortSignal.timeout(10_000),
    });
    // A boundary: local-slack answers every method with a JSON object.
    return (await answer.json()) as Answer;
  }

  /** A broadcast reply is also seen in the channel, without its buttons: those stay in the thread. */
  async function keepCopy(method: string, args: Args, answer: Answer, authorization: string): Promise<void> {
    if (answer['ok'] !== true) return;
    const shown = {
      channel: args['channel'],
      text: `↪ in a thread: ${String(args['text'] ?? '')}`,
      blocks: withoutButtons(args['blocks']),
    };
    if (method === 'chat.postMessage' && isTrue(args['reply_broadcast'])) {
      const copy = await call('chat.postMessage', shown, authorization);
      copies.set(String(answer['ts']), String(copy['ts']));
    }
    const copy = method === 'chat.update' ? copies.get(String(args['ts'])) : undefined;
    if (copy !== undefined) await call('chat.update', { ...shown, ts: copy }, authorization);
  }
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

function withoutButtons(blocks: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(blocks)) return undefined;
  return blocks.filter((block: unknown) => typeof block !== 'object' || block === null || !('type' in block) || block.type !== 'actions');
}

/** JSON or a form; in a form, what is JSON (blocks, view, metadata) is read as such. */
async function readArgs(request: IncomingMessage): Promise<Args> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString('utf8');
  const query = new URL(request.url ?? '/', 'http://front').searchParams;
  const given = (request.headers['content-type'] ?? '').includes('json') ? JSON.parse(body || '{}') : form(new URLSearchParams(body));
  return { ...form(query), ...given };
}

function form(fields: URLSearchParams): Args {
  return Object.fromEntries([...fields].map(([name, value]) => [name, /^[[{]/.test(value) ? parsed(value) : value]));
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    // A text that only begins like JSON.
    return value;
  }
}
