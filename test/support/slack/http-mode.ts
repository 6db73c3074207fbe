// HTTP mode of the strict Slack: signed posts to the bot, three seconds for the ack, and what comes again.

import { formBody, post } from './sender.ts';
import { at, type Workspace, words } from './workspace.ts';

export interface Delivered {
  readonly status: number;
  readonly body: string;
}

export interface HttpMode {
  /** Posts it as often as Slack would; the answers in order, without one where the bot said nothing in time. */
  readonly deliver: (port: number, payload: Record<string, unknown>) => Promise<readonly (Delivered | null)[]>;
}

const ACK_MS = 3_000;
const RETRY_AFTER_MS = [0, 60_000, 300_000];

export function createHttpMode(space: Workspace): HttpMode {
  const { clock, unverified } = space;
  return {
    deliver: async (port, payload) => {
      const trigger = words(at(payload, 'trigger_id'));
      if (trigger !== '') space.triggers.issue(trigger);
      const sent = { ...payload, ...(trigger === '' ? {} : { response_url: `${space.base}${space.responseUrls.issue()}` }) };
      const isEvent = payload['type'] === 'event_callback';
      const answers = [await once(port, sent, {}, isEvent)];
      const waits = isEvent || unverified.httpRedeliversClicks ? RETRY_AFTER_MS : [];
      for (const [index, waitMs] of waits.entries()) {
        const last = answers.at(-1) ?? null;
        if (last !== null && last.status < 300) break;
        await clock.sleep(waitMs);
        const reason = last === null ? 'http_timeout' : 'http_error';
        answers.push(await once(port, sent, { 'x-slack-retry-num': String(index + 1), 'x-slack-retry-reason': reason }, isEvent));
      }
      return answers;
    },
  };

  async function once(
    port: number,
    payload: Record<string, unknown>,
    headers: Record<string, string>,
    isEvent: boolean,
  ): Promise<Delivered | null> {
    const over = new AbortController();
    const contentType = isEvent ? 'application/json' : 'application/x-www-form-urlencoded';
    const body = isEvent ? JSON.stringify(payload) : formBody(payload);
    const answer = post(port, body, clock.now(), { contentType, headers }).then(
      async (response) => ({ status: response.status, body: await response.text() }),
      () => null,
    );
    try {
      return await Promise.race([answer, clock.sleep(ACK_MS, over.signal).then(() => null)]);
    } finally {
      over.abort();
    }
  }
}
