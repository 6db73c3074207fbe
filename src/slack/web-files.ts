// The three calls that bring a file into a thread: reserve an address, put the bytes there, say where it belongs.

import type { webApi } from '@slack/bolt';
import type { DurationMs, Instant } from '../core/time.ts';
import { isSlacks } from './addresses.ts';
import { type Failure, judgeFailure, type Outcome } from './outcome.ts';

export interface WebFiles {
  readonly reserve: (file: { readonly filename: string; readonly length: number; readonly alt: string }) => Promise<Outcome<Reserved>>;
  /** The address is a secret of its own: no token goes with the bytes. */
  readonly put: (url: string, bytes: Uint8Array) => Promise<Outcome<null>>;
  /** Only this makes the file visible. Slack answers before the message is there, and without its ts. */
  readonly complete: (share: Share) => Promise<Outcome<null>>;
  /** Whether a message of the thread carries the file. */
  readonly holds: (place: {
    readonly channel: string;
    readonly thread: string | null;
    readonly file: string;
    readonly since: Instant;
  }) => Promise<Outcome<boolean>>;
}

export interface Reserved {
  readonly url: string;
  readonly file: string;
}

export interface Share {
  readonly file: string;
  readonly title: string;
  readonly channel: string;
  readonly thread: string | null;
}

interface FileOptions {
  /** null = Slack's own. */
  readonly apiUrl: string | null;
  readonly timeoutMs: DurationMs;
}

const SKEW_S = 600;

export function createWebFiles(client: webApi.WebClient, { apiUrl, timeoutMs }: FileOptions): WebFiles {
  return {
    reserve: ({ filename, length, alt }) =>
      outcome(async () => {
        // Slack's documents call it alt_txt, its own SDK alt_text.
        const wanted = { filename, length, alt_txt: alt, alt_text: alt };
        const { upload_url, file_id } = await client.files.getUploadURLExternal(wanted);
        if (upload_url === undefined || file_id === undefined) throw new TypeError('Slack reserved an upload without an address');
        return { url: upload_url, file: file_id };
      }),
    put: async (url, bytes) => (isSlacks(url, apiUrl) ? put(url, bytes, timeoutMs) : unsent('foreign-address')),
    complete: ({ file, title, channel, thread }) =>
      outcome(async () => {
        const place = thread === null ? { channel_id: channel } : { channel_id: channel, thread_ts: thread };
        await client.files.completeUploadExternal({ files: [{ id: file, title }], ...place });
        return null;
      }),
    holds: ({ channel, thread, file, since }) =>
      outcome(async () => {
        const oldest = String(Math.max(0, Math.floor(since / 1_000) - SKEW_S));
        let cursor: string | undefined;
        do {
          const query = { channel, oldest, limit: 200, ...(cursor === undefined ? {} : { cursor }) };
          const page =
            thread === null ? await client.conversations.history(query) : await client.conversations.replies({ ...query, ts: thread });
          if (!Array.isArray(page.messages)) throw new TypeError('Slack answered a history without messages');
          if (page.messages.some((message) => message.files?.some(({ id }) => id === file) === true)) return true;
          cursor = page.response_metadata?.next_cursor;
        } while (cursor !== undefined && cursor !== '');
        return false;
      }),
  };
}

async function put(url: string, bytes: Uint8Array, timeoutMs: DurationMs): Promise<Outcome<null>> {
  try {
    const body = new Blob([Uint8Array.from(bytes)]);
    const answer = await fetch(url, { method: 'POST', body, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    await answer.body?.cancel();
    return answer.status === 200 ? { kind: 'ok', value: null } : unsent(`upload-http-${answer.status}`);
  } catch (thrown) {
    return unsent(`upload-${judgeFailure(thrown).code}`);
  }
}

// Bytes that were put twice, or not at all, show nowhere: until it is completed an upload is certainly not delivered.
function unsent(code: string): Failure {
  return { kind: 'unsent', code };
}

async function outcome<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'ok', value: await call() };
  } catch (thrown) {
    return judgeFailure(thrown);
  }
}
