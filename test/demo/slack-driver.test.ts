import { App, LogLevel } from '@slack/bolt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOW_TO_INSTALL, type LocalSlack, localSlackAvailable, startLocalSlack } from '../../demo/local-slack.ts';
import { createSlackDriver, type SlackDriver } from '../../demo/slack-driver.ts';
import { type SlackFront, startSlackFront } from '../../demo/slack-front.ts';
import { temporaryFolder } from './support.ts';

const missing = localSlackAvailable() ? '' : ` (skipped: local-slack is not installed. ${HOW_TO_INSTALL})`;

describe.skipIf(missing !== '')(`people in the local Slack, with a small bot${missing}`, () => {
  let dir: Awaited<ReturnType<typeof temporaryFolder>>;
  let slack: LocalSlack;
  let front: SlackFront;
  let driver: SlackDriver;
  let bot: App;

  beforeAll(async () => {
    dir = await temporaryFolder();
    slack = await startLocalSlack({ port: 0, dir: dir.path });
    front = await startSlackFront(slack.apiUrl);
    driver = createSlackDriver(slack);
    bot = smallBot(slack, front.apiUrl);
    await bot.start();
  });
  afterAll(async () => {
    await bot?.stop();
    await front?.close();
    await slack?.stop();
    await dir?.remove();
  });

  const soon = (what: string) => ({ what, timeoutMs: 5_000 });

  it('delivers a typed command, and shows the card that the bot answers with', async () => {
    await driver.typeCommand('ana', '/dhash deploy v2.1.0');
    const card = await driver.waitForMessage(({ text }) => text.startsWith('deploy v2.1.0 by U0ANA'), soon('the card'));
    expect(card).toMatchObject({ threadTs: null, user: 'U0DHASH', onlyFor: null, edited: false });
    expect(card.buttons.map(({ label, value }) => [label, value])).toEqual([
      ['Approve', 'v2.1.0'],
      ['Reject', 'v2.1.0'],
    ]);
  });

  it('presses a button as a person, and reads the thread, the edit and what only that person sees', async () => {
    await driver.typeCommand('ana', '/dhash deploy v3.0.0');
    const card = await driver.waitForMessage(({ text }) => text.startsWith('deploy v3.0.0'), soon('the card'));
    await driver.press('bob', card.ts, 'Approve');
    const reply = await driver.waitForMessage(
      ({ threadTs, text }) => threadTs === card.ts && text === 'U0BOB approved v3.0.0',
      soon('a reply'),
    );
    expect(Number(reply.ts)).toBeGreaterThan(Number(card.ts));
    const edited = await driver.waitForMessage(({ ts, edited }) => ts === card.ts && edited, soon('the edit'));
    expect(edited).toMatchObject({ text: 'v3.0.0 approved', buttons: [] });
    const note = await driver.waitForEphemeral('bob', () => true, soon('a note for Bob'));
    expect(note).toMatchObject({ text: 'Counted.', onlyFor: 'U0BOB' });
    expect(await driver.ephemerals('carol')).toEqual([]);
    expect((await driver.messages()).map(({ text }) => text)).not.toContain('Counted.');
  });

  it('names the buttons that are there when the wanted one is not', async () => {
    await driver.typeCommand('ana', '/dhash deploy v4.0.0');
    const card = await driver.waitForMessage(({ text }) => text.startsWith('deploy v4.0.0'), soon('the card'));
    await expect(driver.press('bob', card.ts, 'Rollback now')).rejects.toMatchObject({
      code: 'demo-no-button',
      message: expect.stringContaining('[Approve] [Reject]'),
    });
    await expect(driver.press('bob', '1.1', 'Approve')).rejects.toMatchObject({ code: 'demo-no-button' });
  });

  it('fills in a dialog: sees its errors, then sees it close', async () => {
    await driver.typeCommand('ana', '/dhash deploy v5.0.0');
    const card = await driver.waitForMessage(({ text }) => text.startsWith('deploy v5.0.0'), soon('the card'));
    await driver.press('carol', card.ts, 'Reject');
    expect(await driver.submitView('carol', { reason: 'no' })).toEqual({ reason: 'too short' });
    expect(await driver.submitView('carol', { reason: 'not on a Friday' })).toEqual({});
    await driver.waitForMessage(({ text }) => text === 'U0CAROL rejected v5.0.0: not on a Friday', soon('the rejection'));
  });

  it('says so when no dialog opens', async () => {
    await expect(driver.submitView('carol', {}, 300)).rejects.toMatchObject({ code: 'demo-no-dialog' });
  });

  it('gives up waiting after a while and shows the last messages', async () => {
    const wait = { what: 'a message that never comes', timeoutMs: 150 };
    await expect(driver.waitForMessage(({ text }) => text === 'never', wait)).rejects.toMatchObject({
      code: 'demo-timed-out',
      message: expect.stringMatching(/Waited 0 s for a message that never comes\.\nThe last messages were:\n- \d/),
    });
  });

  it('shows through the front what Slack would show: dates, code and signs readable, broadcasts in the channel too', async () => {
    const { ts = '' } = await bot.client.chat.postMessage({ channel: slack.channel, text: 'root' });
    const text = 'since <!date^1795477412^{time_secs}|12:00Z>: a &lt;b&gt; &amp; c\n```\nline 1\nline 2\n```';
    const sent = await bot.client.chat.postMessage({
      channel: slack.channel,
      thread_ts: ts,
      reply_broadcast: true,
      text,
      blocks: [{ type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Acknowledge' }, action_id: 'ack' }] }],
    });
    const shown = 'since 12:00Z: a <b> & c\n`line 1`\n`line 2`';
    const reply = await driver.waitForMessage((message) => message.ts === sent.ts, soon('the reply'));
    expect(reply).toMatchObject({ text: shown, threadTs: ts, buttons: [{ label: 'Acknowledge' }] });
    const copy = await driver.waitForMessage((message) => message.text === `↪ in a thread: ${shown}`, soon('the copy'));
    expect(copy).toMatchObject({ threadTs: null, buttons: [] });
    await bot.client.chat.update({ channel: slack.channel, ts: sent.ts ?? '', text: 'over' });
    await driver.waitForMessage((message) => message.ts === copy.ts && message.text === '↪ in a thread: over', soon('the changed copy'));
  });

  it('hands refusals of Slack through as they are', async () => {
    await expect(bot.client.chat.postMessage({ channel: 'C0NOWHERE', text: 'x' })).rejects.toMatchObject({
      data: { error: 'channel_not_found' },
    });
    await expect(bot.client.usergroups.list()).rejects.toMatchObject({ data: { error: 'unknown_method' } });
  });
});

it.skipIf(missing !== '')(`ends local-slack when asked to, and refuses a port that is taken${missing}`, async () => {
  const dir = await temporaryFolder();
  try {
    const slack = await startLocalSlack({ port: 0, dir: dir.path });
    const port = Number(new URL(slack.url).port);
    await expect(startLocalSlack({ port, dir: dir.path })).rejects.toMatchObject({ code: 'local-slack-failed' });
    await slack.stop();
    expect(() => process.kill(slack.pid, 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
  } finally {
    await dir.remove();
  }
});

/** Knows one command, two buttons and a dialog. */
function smallBot(slack: LocalSlack, slackApiUrl: string): App {
  const app = new App({
    token: slack.botToken,
    appToken: slack.appToken,
    socketMode: true,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl },
  });
  const button = (label: string, value: string) => ({
    type: 'button' as const,
    action_id: label.toLowerCase(),
    value,
    text: { type: 'plain_text' as const, text: label },
  });
  app.command('/dhash', async ({ command, ack, client }) => {
    await ack();
    const tag = command.text.split(' ')[1] ?? '';
    await client.chat.postMessage({
      channel: command.channel_id,
      text: `${command.text} by ${command.user_id}`,
      blocks: [{ type: 'actions', elements: [button('Approve', tag), button('Reject', tag)] }],
    });
  });
  app.action('approve', async ({ ack, body, client }) => {
    await ack();
    if (body.type !== 'block_actions' || body.channel === undefined || body.message === undefined) return;
    const [action] = body.actions;
    const tag = action?.type === 'button' ? action.value : '';
    const at = { channel: body.channel.id };
    await client.chat.postMessage({ ...at, thread_ts: body.message.ts, text: `${body.user.id} approved ${tag}` });
    await client.chat.update({ ...at, ts: body.message.ts, text: `${tag} approved`, blocks: [] });
    await client.chat.postEphemeral({ ...at, user: body.user.id, text: 'Counted.' });
  });
  app.action('reject', async ({ ack, body, client }) => {
    await ack();
    if (body.type !== 'block_actions') return;
    const [action] = body.actions;
    await client.views.open({
      trigger_id: body.trigger_id,
      view: {
        type: 'modal',
        callback_id: 'why',
        private_metadata: action?.type === 'button' ? (action.value ?? '') : '',
        title: { type: 'plain_text', text: 'Reject' },
        blocks: [
          {
            type: 'input',
            block_id: 'reason',
            label: { type: 'plain_text', text: 'Why?' },
            element: { type: 'plain_text_input', action_id: 'reason' },
          },
        ],
      },
    });
  });
  app.view('why', async ({ ack, body, view, client }) => {
    const reason = view.state.values['reason']?.['reason']?.value ?? '';
    if (reason.length < 5) return ack({ response_action: 'errors', errors: { reason: 'too short' } });
    await ack();
    await client.chat.postMessage({ channel: slack.channel, text: `${body.user.id} rejected ${view.private_metadata}: ${reason}` });
  });
  return app;
}
