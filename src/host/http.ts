// GET on a connection of its own, so that an answer is always of now and never of a kept socket.

import { type ClientRequest, get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { Http, HttpAnswer } from '../core/ports.ts';
import { errnoOf } from './errno.ts';
import { type PhaseWatch, watchPhases } from './http-phases.ts';

const DEFAULT_MAX_BYTES = 1024 * 1024;

type Failure = Pick<Extract<HttpAnswer, { kind: 'failed' }>, 'code' | 'detail'>;

/** Codes of its own beside node's (ECONNREFUSED ...): `timeout`, `too-large`, `aborted`, `bad-url`, `cut-off`. */
export function createHttp(): Http {
  return {
    get: (url, { timeoutMs, maxBytes = DEFAULT_MAX_BYTES, signal }) =>
      new Promise((resolve) => {
        const startedAt = performance.now();
        const ms = (): number => Math.round(performance.now() - startedAt);
        let request: ClientRequest | null = null;
        let watch: PhaseWatch | null = null;

        const finish = (answer: HttpAnswer): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
          request?.destroy();
          resolve(watch === null ? answer : { ...answer, phases: watch.read() });
        };
        const fail = (failure: Failure): void => finish({ kind: 'failed', ...failure, ms: ms() });
        const abort = (): void => fail({ code: 'aborted', detail: 'the caller gave up' });
        const timer = setTimeout(() => fail({ code: 'timeout', detail: `no complete answer within ${timeoutMs} ms` }), timeoutMs);

        const target = parseUrl(url);
        if (target === null) return fail({ code: 'bad-url', detail: 'not an http:// or https:// address' });
        if (signal?.aborted) return abort();
        signal?.addEventListener('abort', abort, { once: true });

        request = (target.protocol === 'https:' ? httpsGet : httpGet)(target, { agent: false }, (response) => {
          watch?.answered();
          readBody(response, maxBytes, {
            done: (body) => finish({ kind: 'answered', status: response.statusCode ?? 0, body, ms: ms() }),
            fail,
          });
        });
        watch = watchPhases(request, () => performance.now());
        request.on('error', (error) => fail(failureOf(error)));
      }),
  };
}

function readBody(
  response: IncomingMessage,
  maxBytes: number,
  then: { readonly done: (body: string) => void; readonly fail: (failure: Failure) => void },
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) return then.fail({ code: 'too-large', detail: `more than ${maxBytes} bytes` });
    chunks.push(chunk);
  });
  response.on('end', () => then.done(Buffer.concat(chunks).toString('utf8')));
  response.on('error', (error) => then.fail(failureOf(error)));
  response.on('close', () => then.fail({ code: 'cut-off', detail: 'the connection ended before the answer did' }));
}

function parseUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? url : null;
}

// A name with several addresses fails with one error for all of them; the first tells enough.
function failureOf(error: Error): Failure {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const shown = first instanceof Error ? first : error;
  return { code: errnoOf(shown) ?? shown.name, detail: shown.message };
}
