// What Slack sends: payloads as its documents show them, and the signed HTTP request around them.

import { sign } from '../../../src/slack/signature.ts';

export const SIGNING_SECRET = '8f742231b10e8888abcd99yyyzzz85a5';

let count = 0;

export function slashCommand(over: Record<string, string> = {}): Record<string, string> {
  count += 1;
  return {
    token: 'verification-token',
    team_id: 'T0TEAM',
    team_domain: 'test',
    channel_id: 'C0OPS',
    channel_name: 'ops',
    user_id: 'U0ALICE',
    user_name: 'alice',
    command: '/dhash',
    text: 'status',
    response_url: 'https://hooks.slack.com/commands/T0TEAM/1/secret',
    trigger_id: `trigger-${count}`,
    api_app_id: 'A0APP',
    is_enterprise_install: 'false',
    ...over,
  };
}

export function buttonClick(verb: string, value: object | string, over: Record<string, unknown> = {}): Record<string, unknown> {
  count += 1;
  const button = { type: 'button', action_id: `dhash:${verb}:0`, block_id: 'b', action_ts: `1795000000.00000${count % 10}` };
  return {
    type: 'block_actions',
    team: { id: 'T0TEAM', domain: 'test' },
    user: { id: 'U0ALICE', username: 'alice', name: 'alice', team_id: 'T0TEAM' },
    api_app_id: 'A0APP',
    token: 'verification-token',
    container: { type: 'message', message_ts: '1795000000.000001', channel_id: 'C0OPS', is_ephemeral: false },
    channel: { id: 'C0OPS', name: 'ops' },
    trigger_id: `trigger-${count}`,
    response_url: 'https://hooks.slack.com/actions/T0TEAM/1/secret',
    actions: [{ ...button, value: typeof value === 'string' ? value : JSON.stringify(value) }],
    ...over,
  };
}

export function rejectSubmission(metadata: object, reason: string, over: Record<string, unknown> = {}): Record<string, unknown> {
  count += 1;
  return {
    type: 'view_submission',
    team: { id: 'T0TEAM', domain: 'test' },
    user: { id: 'U0ALICE', username: 'alice', name: 'alice' },
    api_app_id: 'A0APP',
    token: 'verification-token',
    trigger_id: `trigger-${count}`,
    view: {
      id: `V${count}`,
      type: 'modal',
      callback_id: 'dhash:reject',
      private_metadata: JSON.stringify(metadata),
      state: { values: { reason: { reason: { type: 'plain_text_input', value: reason } } } },
    },
    ...over,
  };
}

/** The body of an HTTP request: slash commands as fields, everything else as `payload`. */
export function formBody(payload: Record<string, unknown>): string {
  if (typeof payload['command'] === 'string')
    return new URLSearchParams(Object.entries(payload).map(([key, value]): [string, string] => [key, String(value)])).toString();
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

export interface Forged {
  readonly timestamp?: string;
  readonly secret?: string;
  readonly signature?: string | null;
  readonly contentType?: string;
  /** The body that is sent where it differs from the one that was signed. */
  readonly tampered?: string;
  readonly headers?: Record<string, string>;
}

/** Posts to the bot as Slack does, or as `forged` says. */
export function post(port: number, body: string, now: number, forged: Forged = {}): Promise<Response> {
  const timestamp = forged.timestamp ?? String(Math.floor(now / 1_000));
  const signature = forged.signature === undefined ? sign(forged.secret ?? SIGNING_SECRET, timestamp, body) : forged.signature;
  return fetch(`http://127.0.0.1:${port}/slack/events`, {
    method: 'POST',
    headers: {
      'content-type': forged.contentType ?? 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      ...(signature === null ? {} : { 'x-slack-signature': signature }),
      ...forged.headers,
    },
    body: forged.tampered ?? body,
  });
}

/** The body of an event: somebody opened the App Home. */
export function homeOpened(user = 'U0ALICE', over: Record<string, unknown> = {}): Record<string, unknown> {
  count += 1;
  return {
    type: 'event_callback',
    token: 'verification-token',
    team_id: 'T0TEAM',
    api_app_id: 'A0APP',
    event_id: `Ev${count}`,
    event_time: 1_795_000_000,
    event: { type: 'app_home_opened', user, channel: 'D0ALICE', tab: 'home', event_ts: `1795000000.00000${count % 10}` },
    ...over,
  };
}

/** A click in the App Home: it carries the whole view and no channel. */
export function homeClick(verb: string, value: object): Record<string, unknown> {
  const { channel: _, ...rest } = buttonClick(verb, value);
  return { ...rest, container: { type: 'view', view_id: 'V1' }, view: { id: 'V1', type: 'home', blocks: [] } };
}
