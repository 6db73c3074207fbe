import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DIALOG_VERBS, dialogFor } from '../../src/slack/dialog.ts';
import { redactTokens, sdkLogger } from '../../src/slack/logger.ts';
import { judgeFailure } from '../../src/slack/outcome.ts';
import { createWeb, type Web } from '../../src/slack/web.ts';
import { viewErrors } from '../support/slack/limits.ts';
import { BOT_TOKEN, type StrictSlack, startStrictSlack } from '../support/slack/strict-slack.ts';
import { keptLog } from '../support/slack/world.ts';

let slack: StrictSlack;
let web: Web;
const log = keptLog();
const draft = { channel: 'C0OPS', key: 'k-1', text: 'hello', blocks: null, thread: null };

beforeEach(async () => {
  slack = await startStrictSlack();
  web = createWeb({ token: BOT_TOKEN, apiUrl: slack.apiUrl, logger: sdkLogger(log), timeoutMs: 250 });
});
afterEach(async () => {
  await slack.stop();
});

describe('a call to Slack', () => {
  it('carries the key, and neither unfurls nor links names', async () => {
    expect(await web.post(draft)).toMatchObject({ kind: 'ok' });
    expect(slack.calls[0]?.args).toMatchObject({
      metadata: '{"event_type":"dhash_message","event_payload":{"key":"k-1"}}',
      unfurl_links: 'false',
      unfurl_media: 'false',
      parse: 'none',
    });
  });

  it.each([
    [{ kind: 'limited', retryAfter: '3' } as const, { kind: 'limited', retryAfterMs: 3_000 }],
    [{ kind: 'limited', retryAfter: null } as const, { kind: 'limited', retryAfterMs: 30_000 }],
    [{ kind: 'status', status: 502, after: false } as const, { kind: 'ambiguous', code: 'http-502' }],
    [{ kind: 'status', status: 403, after: false } as const, { kind: 'unsent', code: 'http-403' }],
    [{ kind: 'html', after: false } as const, { kind: 'ambiguous', code: 'answer-not-from-slack' }],
    [{ kind: 'error', code: 'internal_error', after: false } as const, { kind: 'ambiguous', code: 'internal_error' }],
    [{ kind: 'error', code: 'not_in_channel', after: false } as const, { kind: 'refused', code: 'not_in_channel' }],
    [{ kind: 'drop', after: false } as const, { kind: 'ambiguous' }],
    [{ kind: 'hang', after: false } as const, { kind: 'ambiguous', code: 'TimeoutError' }],
  ])('that meets %j ends as %j, without a repetition', async (mishap, outcome) => {
    slack.next('chat.postMessage', mishap);
    expect(await web.post(draft)).toMatchObject(outcome);
    expect(slack.calls).toHaveLength(1);
  });

  it('that nobody listens to was certainly not made', async () => {
    const nobody = createWeb({ token: BOT_TOKEN, apiUrl: slack.apiUrl, logger: sdkLogger(log) });
    await slack.stop();
    expect(await nobody.post(draft)).toEqual({ kind: 'unsent', code: 'ECONNREFUSED' });
  });

  it('names the scope that is missing', async () => {
    slack.scopes.delete('usergroups:read');
    expect(await web.groupMembers('S0OPS')).toEqual({ kind: 'refused', code: 'missing_scope', needed: 'usergroups:read' });
  });

  it('finds a message by its key on a later page, and only its own', async () => {
    const since = 1_795_000_000_000;
    const first = await web.post(draft);
    for (let index = 0; index < 8; index += 1) await web.post({ ...draft, key: `other-${index}` });
    expect(await web.find({ channel: 'C0OPS', thread: null, key: 'k-1', since })).toEqual(first);
    expect(await web.find({ channel: 'C0OPS', thread: null, key: 'k-2', since })).toEqual({ kind: 'ok', value: null });
  });

  it('says what an error is that nobody has seen before: unknown', () => {
    expect(judgeFailure(new TypeError('odd'))).toEqual({ kind: 'ambiguous', code: 'TypeError' });
    expect(judgeFailure(undefined)).toMatchObject({ kind: 'ambiguous' });
  });
});

it('keeps tokens, tickets and response URLs out of what the SDK says', () => {
  const ticket = 'wss://wss.slack.com/link/?ticket=abc-def&app_id=A1';
  expect(redactTokens(`${BOT_TOKEN} ${ticket} https://hooks.slack.com/commands/T/1/x`)).toBe(
    '[token] wss://wss.slack.com/link/?ticket=[ticket]&app_id=A1 [response url]',
  );
});

it.each(DIALOG_VERBS)('lays the dialog of %s out within the limits, for any request', (verb) => {
  const facts = { request: 'd-'.padEnd(200, 'x'), environment: 'e'.repeat(200), expect: 'x'.repeat(500), channel: 'C0OPS' };
  expect(viewErrors(dialogFor(verb, facts))).toEqual([]);
});
