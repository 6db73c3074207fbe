// The peer: a Bolt app as the documentation shows it. Without ANSWER it acks and does nothing else, with it it also tells that text to who asked.
// `bare-bolt.ts MODE PORT API_URL TOKEN SECRET [ANSWER]`

import { createServer } from 'node:http';
import { argv } from 'node:process';
import { App } from '@slack/bolt';
import { WebClient } from '@slack/web-api';

const [mode = 'http', port = '0', slackApiUrl = '', token = '', secret = '', answer = ''] = argv.slice(2);
const socket = mode === 'socket';
const app = new App({
  token,
  clientOptions: { slackApiUrl },
  ...(socket ? { socketMode: true, appToken: secret } : { signingSecret: secret }),
});
const web = new WebClient(token, { slackApiUrl });
app.command('/dhash', async ({ ack, body }) => {
  await ack();
  if (answer !== '') await web.chat.postEphemeral({ channel: body.channel_id, user: body.user_id, text: answer });
});
if (socket) {
  await app.start();
  // Tells the bench that it is up, as the bot's own /healthz does.
  createServer((_request, response) => response.end('ok')).listen(Number(port), '127.0.0.1');
} else {
  await app.start(Number(port));
}
