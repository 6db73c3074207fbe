// The Slack that other tests lean on must itself refuse what Slack refuses.

import { describe, expect, it } from 'vitest';
import { BOT, clock, HELLO, slack, start, withStrictSlack } from '../support/slack/each-test.ts';
import { APP_TOKEN } from '../support/slack/strict-slack.ts';
import { OTHERWISE } from '../support/slack/unverified.ts';

withStrictSlack();

async function answer(method: string, args: object = {}, headers: Record<string, string> = BOT) {
  const form = headers['content-type']?.includes('form') ?? false;
  const body = form ? new URLSearchParams(Object.entries(args)).toString() : JSON.stringify(args);
  const response = await fetch(`${slack.apiUrl}${method}`, { method: 'POST', headers, body });
  return { status: response.status, wait: response.headers.get('retry-after'), ...JSON.parse(await response.text()) };
}

const view = (more: object = {}) => ({
  type: 'modal',
  title: { type: 'plain_text', text: 'Reject' },
  submit: { type: 'plain_text', text: 'Go' },
  blocks: [
    {
      type: 'input',
      block_id: 'reason',
      label: { type: 'plain_text', text: 'Why?' },
      element: { type: 'plain_text_input', action_id: 'reason' },
    },
  ],
  ...more,
});
const button = { type: 'button', action_id: 'dhash:approve:0', text: { type: 'plain_text', text: 'Approve' }, value: 'the-stored-value' };
const divider = { type: 'divider' };
const metadata = (event_payload: object, event_type = 'dhash_message') => ({ event_type, event_payload });

describe('a call is refused', () => {
  it.each<[string, string, object, Record<string, string>]>([
    ['not_authed', 'auth.test', {}, { 'content-type': 'application/json' }],
    ['invalid_auth', 'auth.test', {}, { ...BOT, authorization: 'Bearer xoxb-another' }],
    ['not_allowed_token_type', 'auth.test', {}, { ...BOT, authorization: `Bearer ${APP_TOKEN}` }],
    ['not_allowed_token_type', 'apps.connections.open', {}, BOT],
    ['unknown_method', 'chat.shout', {}, BOT],
    ['invalid_arguments', 'chat.postMessage', { text: 'x' }, BOT],
    ['invalid_arguments', 'chat.postMessage', { ...HELLO, loud: true }, BOT],
    ['invalid_arguments', 'conversations.history', { channel: 'C0OPS' }, BOT],
    ['invalid_post_type', 'chat.postMessage', HELLO, { ...BOT, 'content-type': 'text/plain' }],
  ])('with %s by %s', async (error, method, args, headers) => {
    expect(await answer(method, args, headers)).toMatchObject({ status: 200, ok: false, error });
  });

  it.each<[string, string, object]>([
    ['channel_not_found', 'chat.postMessage', { ...HELLO, channel: 'C0NONE' }],
    ['not_in_channel', 'chat.postMessage', { ...HELLO, channel: 'C0FOREIGN' }],
    ['is_archived', 'chat.postMessage', { ...HELLO, channel: 'C0OLD' }],
    ['no_text', 'chat.postMessage', { channel: 'C0OPS' }],
    ['thread_not_found', 'chat.postMessage', { ...HELLO, thread_ts: '1.000001' }],
    ['invalid_blocks_format', 'chat.postMessage', { ...HELLO, blocks: '{broken' }],
    ['invalid_blocks', 'chat.postMessage', { ...HELLO, blocks: Array.from({ length: 51 }, () => divider) }],
    ['invalid_blocks', 'chat.postMessage', { ...HELLO, blocks: [{ type: 'actions', elements: [button, button] }] }],
    ['invalid_blocks', 'chat.postMessage', { ...HELLO, blocks: [1, 2].map(() => ({ ...divider, block_id: 'same' })) }],
    ['invalid_metadata_format', 'chat.postMessage', { ...HELLO, metadata: { event_type: 'x' } }],
    ['invalid_metadata_schema', 'chat.postMessage', { ...HELLO, metadata: metadata({}, 'Not A Name') }],
    ['invalid_metadata_schema', 'chat.postMessage', { ...HELLO, metadata: metadata({ list: [[1]] }) }],
    ['metadata_too_large', 'chat.postMessage', { ...HELLO, metadata: metadata({ key: 'x'.repeat(8_000) }) }],
    ['message_not_found', 'chat.update', { ...HELLO, ts: '1.000001' }],
    ['cant_update_message', 'chat.update', { ...HELLO, ts: '5.000001' }],
    ['msg_too_long', 'chat.update', { ...HELLO, text: 'x'.repeat(4_001), ts: '1.000001' }],
    ['user_not_in_channel', 'chat.postEphemeral', { ...HELLO, user: 'U0OUT' }],
    ['invalid_trigger_id', 'views.open', { trigger_id: 'never', view: view() }],
    ['invalid_arguments', 'views.open', { trigger_id: 'never', view: view({ title: { type: 'plain_text', text: 'x'.repeat(25) } }) }],
    ['invalid_arguments', 'views.open', { trigger_id: 'never', view: view({ submit: undefined }) }],
    ['invalid_arguments', 'views.publish', { user_id: 'U0BOB', view: { type: 'home', blocks: [] } }],
    ['invalid_arguments', 'views.publish', { user_id: 'bob', view: { type: 'home', blocks: [divider] } }],
    [
      'view_too_large',
      'views.publish',
      { user_id: 'U0BOB', view: { type: 'home', private_metadata: 'x'.repeat(250_001), blocks: [divider] } },
    ],
    ['alt_txt_too_large', 'files.getUploadURLExternal', { filename: 'a', length: 1, alt_txt: 'x'.repeat(1_001) }],
    ['invalid_arguments', 'files.getUploadURLExternal', { filename: 'a', length: 0, alt_txt: 'x' }],
    ['invalid_arguments', 'files.completeUploadExternal', { files: [{ id: 'F9' }], channel_id: 'C0OPS' }],
  ])('with %s by %s', async (error, method, args) => {
    slack.channels.set('C0FOREIGN', []).set('C0OLD', []);
    slack.notIn.add('C0FOREIGN');
    slack.archived.add('C0OLD');
    slack.outsiders.add('U0OUT');
    const theirs = { ts: '5.000001', key: null, text: 'mine', blocks: [], thread: null, broadcast: false, edits: 0, by: 'U0BOB' };
    slack.channels.get('C0OPS')?.push(theirs);
    const headers = method.startsWith('files.get') ? { ...BOT, 'content-type': 'application/x-www-form-urlencoded' } : BOT;
    expect(await answer(method, args, headers)).toMatchObject({ status: 200, ok: false, error });
  });

  it.each([
    ['invalid_ts_oldest', { oldest: 'yesterday' }],
    ['invalid_limit', { limit: '1000' }],
    ['invalid_cursor', { cursor: 'far' }],
  ])('with %s by a history', async (error, query) => {
    const form = { ...BOT, 'content-type': 'application/x-www-form-urlencoded' };
    expect(await answer('conversations.history', { channel: 'C0OPS', ...query }, form)).toMatchObject({ ok: false, error });
  });

  it('names the scope that is missing, and says what became of a token', async () => {
    slack.scopes.delete('chat:write');
    expect(await answer('chat.postMessage', HELLO)).toMatchObject({ error: 'missing_scope', needed: 'chat:write' });
    slack.token = 'token_revoked';
    expect(await answer('auth.test')).toMatchObject({ error: 'token_revoked' });
  });

  it('for a user group that is gone, or that the plan does not have', async () => {
    slack.groups.set('S0PAID', 'plan_upgrade_required').set('S0OPS', ['U0BOB']);
    const form = { ...BOT, 'content-type': 'application/x-www-form-urlencoded' };
    const ask = (usergroup: string) => answer('usergroups.users.list', { usergroup }, form);
    expect(await ask('S0NONE')).toMatchObject({ error: 'no_such_subteam' });
    expect(await ask('S0PAID')).toMatchObject({ error: 'plan_upgrade_required' });
    expect(await ask('S0OPS')).toMatchObject({ ok: true, users: ['U0BOB'] });
  });

  it('in the words of Slack, and remembered as a violation when the bot is to blame', async () => {
    const refused = await answer('chat.postMessage', {
      ...HELLO,
      blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }],
    });
    expect(refused.response_metadata.messages).toEqual(['[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]']);
    await answer('chat.postMessage', { ...HELLO, channel: 'C0NONE' });
    await answer('chat.postMessage', { ...HELLO, link_names: true });
    await answer('chat.postMessage', { ...HELLO, text: 'x'.repeat(40_001) });
    expect(slack.violations.map((violation) => violation.split(' ').slice(0, 2).join(' '))).toEqual([
      'chat.postMessage: invalid_blocks',
      'chat.postMessage: invalid_arguments',
      'chat.postMessage: link_names',
      'chat.postMessage: 40001',
    ]);
  });
});

describe('a trigger and a response URL', () => {
  const open = (trigger: string) => answer('views.open', { trigger_id: trigger, view: view() });

  it('opens one dialog, within three seconds', async () => {
    for (const trigger of ['first', 'late']) slack.triggers.issue(trigger);
    expect(await open('first')).toMatchObject({ ok: true });
    expect(await open('first')).toMatchObject({ error: 'exchanged_trigger_id' });
    await clock.later(3_001);
    expect(await open('late')).toMatchObject({ error: 'expired_trigger_id' });
  });

  it.each([
    ['json', '{"ok":false,"error":"used_url"}'],
    ['text', 'used_url'],
  ] as const)('takes five uses within thirty minutes, and says no as %s', async (responseUrlErrors, used) => {
    await start({ responseUrlErrors });
    const [path, late] = [slack.responseUrls.issue(), slack.responseUrls.issue()];
    const use = async (at: string, body = '{"text":"x"}') => {
      const response = await fetch(`${slack.base}${at}`, { method: 'POST', body });
      return [response.status, await response.text()];
    };
    expect((await use(path, 'text=x'))[0]).toBe(400);
    for (let uses = 0; uses < 5; uses += 1) expect((await use(path))[0]).toBe(200);
    expect(await use(path)).toEqual([404, used]);
    await clock.later(1_800_001);
    expect(await use(late)).toEqual([404, used.replace('used_url', 'expired_url')]);
    expect(await use('/response/99')).toEqual([404, used.replace('used_url', 'invalid_token')]);
    expect(slack.responseUrls.told).toHaveLength(5);
  });
});

describe('the rates', () => {
  it('are held for each method and each channel by itself, and filled again by time', async () => {
    slack.channels.set('C0TWO', []);
    for (let posts = 0; posts < 5; posts += 1) expect(await answer('chat.postMessage', HELLO)).toMatchObject({ ok: true });
    expect(await answer('chat.postMessage', HELLO)).toMatchObject({ status: 429, error: 'ratelimited', wait: '1' });
    expect(await answer('chat.postMessage', { ...HELLO, channel: 'C0TWO' })).toMatchObject({ ok: true });
    await clock.later(1_000);
    expect(await answer('chat.postMessage', HELLO)).toMatchObject({ ok: true });
    expect(slack.limited).toEqual(['chat.postMessage']);
  });

  it.each([
    [2, 40],
    [1, 20],
  ])('let %i minutes of calls through at once', async (burst, calls) => {
    await start({ burst });
    const form = { ...BOT, 'content-type': 'application/x-www-form-urlencoded' };
    const ask = () => answer('usergroups.users.list', { usergroup: 'S0OPS' }, form);
    for (let call = 0; call < calls; call += 1) expect((await ask()).status).toBe(200);
    expect(await ask()).toMatchObject({ status: 429, wait: '3' });
  });
});

describe('a click', () => {
  it('carries what Slack stored with the message, and nothing where there is no such button', async () => {
    await answer('chat.postMessage', { ...HELLO, blocks: [{ type: 'actions', elements: [button] }] });
    expect(slack.click('U0BOB', 'approve')).toMatchObject({ user: { id: 'U0BOB' }, actions: [{ value: 'the-stored-value' }] });
    expect(slack.click('U0BOB', 'reject')).toBeNull();
  });
});

describe('what nobody knows for certain', () => {
  it('has another answer for every question', () => {
    expect(Object.keys(OTHERWISE).sort()).toEqual(Object.keys(slack.unverified).sort());
    for (const [question, otherwise] of Object.entries(OTHERWISE)) expect(Reflect.get(slack.unverified, question)).not.toEqual(otherwise);
  });

  it('changes what is refused', async () => {
    await start(OTHERWISE);
    const emoji = '🚀'.repeat(150);
    const header = [{ type: 'header', text: { type: 'plain_text', text: emoji } }];
    expect(await answer('chat.postMessage', { ...HELLO, blocks: header })).toMatchObject({ ok: true });
    expect(await answer('chat.postMessage', { ...HELLO, thread_ts: '1.000001' })).toMatchObject({ error: 'cannot_reply_to_message' });
    expect(await answer('chat.postMessage', { ...HELLO, metadata: metadata({ key: 'x'.repeat(500) }) })).toMatchObject({
      error: 'metadata_too_large',
    });
    slack.triggers.issue('t');
    await clock.later(3_001);
    expect(await answer('views.open', { trigger_id: 't', view: view() })).toMatchObject({ error: 'trigger_expired' });
  });
});
