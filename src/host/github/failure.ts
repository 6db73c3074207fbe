// Why GitHub did not answer, told by status and headers: a wrong token, a right that is missing, a limit, an outage.

import type { Read, Unread, UnreadCode } from '../../core/github.ts';
import type { Clock } from '../../core/ports.ts';
import { formatUtc, type Instant } from '../../core/time.ts';
import { errnoOf } from '../errno.ts';
import type { Redact } from '../redact.ts';

/** `status` is null where there was no answer at all. */
export type Answer<T> = Read<T> & { readonly status?: number | null; readonly said?: string };

export interface Failing {
  readonly host: string;
  readonly hasToken: boolean;
  readonly now: Clock['now'];
  readonly redact: Redact;
}

type Unanswered = Extract<Answer<never>, { kind: 'unread' }>;

const SECOND = 1_000;
/** What GitHub asks for when it names no time itself. */
const MINUTE = 60_000;
const SOON_MS = 15_000;
const RIGHTS = 'a token that may read Metadata, Contents, Checks, Commit statuses, Pull requests and Administration of the repository';

export function unreadOf(thrown: unknown, what: string, failing: Failing): Unanswered {
  const response = responseOf(thrown);
  if (response === null) return noAnswer(thrown, what, failing);
  const { status } = response;
  const said = saidIn(response.data, failing.redact);
  const answered = (unread: Unread): Unanswered => ({ kind: 'unread', ...unread, status, said });
  const freeAt = limitedUntil(response, said, failing.now());
  if (freeAt !== null) return answered(limited(what, freeAt, failing));
  switch (status) {
    case 401:
      return answered(
        unread(
          'not-authorized',
          `${failing.host} does not take ${failing.hasToken ? 'GITHUB_TOKEN' : 'a question without a token'}${quoted(said)}`,
          failing.hasToken ? 'Renew the token and set GITHUB_TOKEN in the environment of the bot.' : `Set GITHUB_TOKEN: ${RIGHTS}.`,
        ),
      );
    case 403:
    case 451:
      return answered(
        unread('forbidden', `${failing.host} does not let the bot read ${what}${quoted(said)}`, `Set GITHUB_TOKEN: ${RIGHTS}.`),
      );
    case 404:
    case 410:
    case 422:
      return answered(
        unread(
          'not-found',
          `${failing.host} has no answer about ${what} (${status}): it is not there, or ${failing.hasToken ? 'this token' : 'nobody without a token'} may not see it`,
          failing.hasToken ? `Check github in dhash.yml, and the token: ${RIGHTS}.` : `Set GITHUB_TOKEN: ${RIGHTS}.`,
        ),
      );
    default:
      return status >= 500 ? answered(outage(status, what, failing)) : { ...badAnswer(what, failing), status, said };
  }
}

/** HTML from a proxy, or another form than GitHub's. */
export function badAnswer(what: string, failing: Failing): Unanswered {
  return {
    kind: 'unread',
    ...unread(
      'bad-answer',
      `what ${failing.host} says about ${what} is none of GitHub's answers`,
      'Check GITHUB_API_URL and whatever stands between.',
    ),
  };
}

export function tooMany(what: string, bound: number): Unanswered {
  return {
    kind: 'unread',
    ...unread('too-many', `there are more than ${bound} of ${what}`, 'Look at them on GitHub: something adds them without end.'),
  };
}

function limited(what: string, freeAt: Instant, { host, hasToken }: Failing): Unread {
  return {
    code: 'rate-limited',
    detail: `${host} answers nothing about ${what} before ${formatUtc(freeAt).slice(11, 19)} UTC: its rate limit is used up`,
    hint: hasToken ? 'It frees up by itself; ask again then.' : 'It frees up by itself; with GITHUB_TOKEN set the limit is much higher.',
    askAgainAt: freeAt,
  };
}

function outage(status: number, what: string, { host, now }: Failing): Unread {
  return {
    code: 'outage',
    detail: `${host} answers ${status} when asked about ${what}`,
    hint: 'See www.githubstatus.com; ask again when it is over.',
    askAgainAt: now() + SOON_MS,
  };
}

function noAnswer(thrown: unknown, what: string, { host, now, redact }: Failing): Unanswered {
  const cause = deepest(thrown);
  const late = cause instanceof Error && (cause.name === 'TimeoutError' || cause.name === 'AbortError');
  const why = late ? 'no answer in time' : (errnoOf(cause) ?? (cause instanceof Error ? cause.message : String(cause)));
  const foreign = !late && errnoOf(cause) === null && cause instanceof TypeError;
  const detail = redact(`asking ${host} about ${what} failed: ${why}`);
  if (foreign) return { kind: 'unread', ...unread('bad-answer', detail, 'Check GITHUB_API_URL.'), status: null };
  return {
    kind: 'unread',
    code: 'unreachable',
    detail,
    hint: `Try it as the bot's user: curl -sI https://${host}`,
    askAgainAt: now() + SOON_MS,
    status: null,
  };
}

/** Primary limit: nothing remains until the reset. Secondary: GitHub says how long to wait, or only that one has to. */
function limitedUntil({ status, headers }: Responded, said: string, now: Instant): Instant | null {
  if (status !== 403 && status !== 429) return null;
  const retryAfter = Number(headers['retry-after'] ?? Number.NaN);
  if (Number.isFinite(retryAfter)) return now + Math.max(1, retryAfter) * SECOND;
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  if (headers['x-ratelimit-remaining'] === '0' && Number.isFinite(reset)) return Math.max(now + SECOND, reset * SECOND);
  // GitHub documents no header for this case, only these words.
  return status === 429 || /secondary rate limit|abuse detection/i.test(said) ? now + MINUTE : null;
}

interface Responded {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly data: unknown;
}

function responseOf(thrown: unknown): Responded | null {
  if (typeof thrown !== 'object' || thrown === null || !('response' in thrown)) return null;
  const { response } = thrown;
  if (typeof response !== 'object' || response === null || !('status' in response) || typeof response.status !== 'number') return null;
  const headers = 'headers' in response && typeof response.headers === 'object' && response.headers !== null ? { ...response.headers } : {};
  return { status: response.status, headers, data: 'data' in response ? response.data : null };
}

function saidIn(data: unknown, redact: Redact): string {
  const message = typeof data === 'object' && data !== null && 'message' in data ? data.message : null;
  return typeof message === 'string' ? redact(message.replaceAll(/\s+/g, ' ')).slice(0, 200) : '';
}

function deepest(thrown: unknown): unknown {
  let at = thrown;
  for (let depth = 0; depth < 5 && at instanceof Error && at.cause !== undefined; depth += 1) at = at.cause;
  return at;
}

function unread(code: UnreadCode, detail: string, hint: string): Unread {
  return { code, detail, hint, askAgainAt: null };
}

function quoted(said: string): string {
  return said === '' ? '' : `: "${said}"`;
}
