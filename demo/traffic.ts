// People who use the service: pictures posted to the public port at a steady rate, so that its metrics mean something.

import { Agent, request } from 'node:http';

const MAX_OPEN = 32;
const TIMEOUT_MS = 15_000;
const WIDTH = 96;
const HEIGHT = 72;

export interface TrafficCounts {
  readonly sent: number;
  readonly answered: number;
  /** Status 5xx, refused, reset or no answer in time. */
  readonly failed: number;
  /** Not sent because 32 requests were open. */
  readonly skipped: number;
  /** Status or error code -> how often. */
  readonly by: Readonly<Record<string, number>>;
}

export interface Traffic {
  readonly counts: () => TrafficCounts;
  /** Sends no more and waits for what is open (at most 15 s). */
  readonly stop: () => Promise<TrafficCounts>;
}

/** Posts a different picture to `<url>/hash` `perSecond` times a second, over kept connections. */
export function startTraffic(to: { readonly url: string; readonly perSecond: number }): Traffic {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_OPEN });
  const open = new Set<Promise<void>>();
  const by: Record<string, number> = {};
  const totals = { sent: 0, answered: 0, failed: 0, skipped: 0 };

  const timer = setInterval(() => {
    if (open.size >= MAX_OPEN) {
      totals.skipped += 1;
      return;
    }
    totals.sent += 1;
    const sending = post(new URL('/hash', to.url), agent, picture(totals.sent)).then(count);
    open.add(sending);
    void sending.then(() => open.delete(sending));
  }, 1_000 / to.perSecond);
  // Traffic alone keeps no demo running.
  timer.unref();

  const counts = () => ({ ...totals, by: { ...by } });
  return {
    counts,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open);
      agent.destroy();
      return counts();
    },
  };

  function count(outcome: number | string): void {
    by[outcome] = (by[outcome] ?? 0) + 1;
    if (typeof outcome === 'number') totals.answered += 1;
    if (typeof outcome === 'string' || outcome >= 500) totals.failed += 1;
  }
}

/** The status, or the error's code; never throws. */
function post(url: URL, agent: Agent, body: Buffer): Promise<number | string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'image/x-portable-graymap', 'content-length': body.length };
    const sent = request(url, { method: 'POST', agent, headers, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      response.on('error', (error) => resolve(codeOf(error)));
      response.on('end', () => resolve(response.statusCode ?? 'no-status'));
      response.resume();
    });
    sent.on('error', (error) => resolve(codeOf(error)));
    sent.end(body);
  });
}

function codeOf(error: Error): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** A PGM of soft blobs; each number gives another picture. */
export function picture(number: number): Buffer {
  const pixels = Buffer.alloc(WIDTH * HEIGHT);
  const [a, b, c] = [1 + (number % 7), 1 + (number % 11), number * 0.37];
  for (let at = 0; at < pixels.length; at += 1) {
    const x = (at % WIDTH) / WIDTH;
    const y = Math.floor(at / WIDTH) / HEIGHT;
    pixels[at] = 128 + 60 * Math.sin(a * 3 * x + c) + 60 * Math.cos(b * 2 * y - c);
  }
  return Buffer.concat([Buffer.from(`P5\n${WIDTH} ${HEIGHT}\n255\n`), pixels]);
}
