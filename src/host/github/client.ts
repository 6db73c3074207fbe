// One way to ask GitHub: Octokit, loaded when first needed, kept to one host, with a deadline for each try and a bound for everything read.

import type { Clock } from '../../core/ports.ts';
import type { Redact } from '../redact.ts';
import { type Answer, badAnswer, type Failing, tooMany, unreadOf } from './failure.ts';

export interface GithubOptions {
  /** null = nobody's, as everybody may ask public repositories a few times an hour. */
  readonly token: string | null;
  readonly apiUrl: string | null;
  readonly clock: Pick<Clock, 'now'>;
  readonly redact: Redact;
  /** For each try. */
  readonly timeoutMs?: number;
  /** The pause before a second try; the third waits four times as long. */
  readonly retryMs?: number;
  readonly maxPages?: number;
}

/** Reads JSON of any shape; `parse` answers null for what is none of GitHub's forms. */
export interface Client {
  readonly one: <T>(path: Path, parse: (data: unknown) => T | null, signal: AbortSignal) => Promise<Answer<T>>;
  readonly all: <T>(path: Path, parse: (data: unknown) => readonly T[] | null, signal: AbortSignal) => Promise<Answer<readonly T[]>>;
}

export interface Path {
  readonly route: string;
  readonly with: Readonly<Record<string, string | number>>;
  /** What is read, for people: "the check runs of 4c1d2e9". */
  readonly what: string;
}

const API = 'https://api.github.com';
const TIMEOUT_MS = 6_000;
const RETRY_MS = 500;
const RETRIES = 2;
const MAX_PAGES = 20;
const MAX_REDIRECTS = 3;
const MAX_BYTES = 8 * 1024 * 1024;

export function createClient(options: GithubOptions): Client {
  const base = (options.apiUrl ?? API).replace(/\/+$/, '');
  const failing: Failing = { host: new URL(base).host, hasToken: options.token !== null, now: options.clock.now, redact: options.redact };
  let loading: ReturnType<typeof load> | null = null;
  const octokit = () => {
    loading ??= load(options, base);
    return loading;
  };

  return {
    one: async (path, parse, signal) => {
      try {
        const { data, status } = await (await octokit()).request(`GET ${path.route}`, { ...path.with, request: { signal } });
        const value = status === 200 ? parse(data) : null;
        return value === null ? badAnswer(path.what, failing) : { kind: 'read', value, status };
      } catch (thrown) {
        return unreadOf(thrown, path.what, failing);
      }
    },
    all: async <T>(path: Path, parse: (data: unknown) => readonly T[] | null, signal: AbortSignal) => {
      const found: T[] = [];
      const maxPages = options.maxPages ?? MAX_PAGES;
      let pages = 0;
      try {
        const client = await octokit();
        const iterator = client.paginate.iterator(`GET ${path.route}`, { per_page: 100, ...path.with, request: { signal } });
        for await (const { data } of iterator) {
          pages += 1;
          if (pages > maxPages) return tooMany(path.what, maxPages * 100);
          const rows = parse(data);
          if (rows === null) return badAnswer(path.what, failing);
          found.push(...rows);
        }
        return { kind: 'read', value: found, status: 200 };
      } catch (thrown) {
        return unreadOf(thrown, path.what, failing);
      }
    },
  };
}

async function load({ token, timeoutMs = TIMEOUT_MS, retryMs = RETRY_MS }: GithubOptions, base: string) {
  const [{ Octokit }, { paginateRest }, { retry }] = await Promise.all([
    import('@octokit/core'),
    import('@octokit/plugin-paginate-rest'),
    import('@octokit/plugin-retry'),
  ]);
  const silent = () => {};
  return new (Octokit.plugin(paginateRest, retry))({
    ...(token === null ? {} : { auth: token }),
    baseUrl: base,
    userAgent: 'dhash-ops',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    retry: { retries: RETRIES, retryAfterBaseValue: retryMs, doNotRetry: [400, 401, 403, 404, 410, 422, 429, 451] },
    request: { fetch: guarded(base, timeoutMs) },
  });
}

/** The token goes to this host alone, whatever a redirect or a link to the next page names. */
function guarded(base: string, timeoutMs: number): typeof fetch {
  const { origin } = new URL(base);
  return async (input, init) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal == null ? deadline : AbortSignal.any([init.signal, deadline]);
    let url = new URL(input instanceof Request ? input.url : input);
    for (let hops = 0; ; hops += 1) {
      if (url.origin !== origin) throw new TypeError(`it points at another host, ${url.host}`);
      const answer = await fetch(url, { ...init, signal, redirect: 'manual' });
      const next = answer.status >= 300 && answer.status < 400 && answer.status !== 304 ? answer.headers.get('location') : null;
      if (next === null) {
        if (answer.ok && answer.headers.get('content-type')?.includes('json') !== true) throw new TypeError('the answer is not JSON');
        return bounded(answer);
      }
      await answer.body?.cancel();
      if (hops >= MAX_REDIRECTS) throw new TypeError('it redirects in a circle');
      url = new URL(next, url);
    }
  };
}

/** The body, or an error where it is larger than anything GitHub hands out. */
function bounded(answer: Response): Response {
  if (answer.body === null) return answer;
  let bytes = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (bytes > MAX_BYTES) controller.error(new TypeError(`it is larger than ${MAX_BYTES} bytes`));
      else controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = answer;
  const copy = new Response(answer.body.pipeThrough(counting), { status, statusText, headers });
  // The next page is found by the address of this one.
  Object.defineProperty(copy, 'url', { value: answer.url });
  return copy;
}
