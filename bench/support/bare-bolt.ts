// The peer: a Bolt app as the documentation shows it, which acks and does nothing else. `bare-bolt.ts MODE PORT API_URL TOKEN SECRET`

import { createServer } from 'node:http';
import { argv } from 'node:process';
import { App } from '@slack/bolt';

const [mode = 'http', port = '0', slackApiUrl = '', token = '', secret = ''] = argv.slice(2);
const socket = mode === 'socket';
const app = new App({
  token,
  clientOptions: { slackApiUrl },
  ...(socket ? { socketMode: true, appToken: secret } : { signingSecret: secret }),
});
app.command('/dhash', async ({ ack }) => ack());
if (socket) {
  await app.start();
  // Tells the bench that it is up, as the bot's own /healthz does.
  createServer((_request, response) => response.end('ok')).listen(Number(port), '127.0.0.1');
} else {
  await app.start(Number(port));
}
