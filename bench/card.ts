// P11, from a typed command to the card that people see, against one bare chat.postMessage: `node bench/card.ts [times]`.

import { mkdtempSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import { createRepository } from '../demo/repository.ts';
import { BOT_TOKEN, startStrictSlack } from '../test/support/slack/strict-slack.ts';
import { postCommand, removeDir, startBot } from './support/slack-host.ts';
import { percentile, report } from './support/table.ts';

const times = Number(argv[2] ?? 15);
/** Slack takes one message a second in a channel. */
const APART_MS = 1_200;
const MOST_MS = 20_000;
const slack = await startStrictSlack();
const git = mkdtempSync(join(tmpdir(), 'dhash-bench-'));
const bot = await startBot(slack.apiUrl, 'http', {
  environment: { source: { git: await createRepository(git) }, approvals: { required: 2, fromOps: 1 } },
});
const agent = new Agent({ keepAlive: true });
const web = new WebClient(BOT_TOKEN, { slackApiUrl: slack.apiUrl });
const cards: number[] = [];
const bare: number[] = [];
let serial = 0;

for (let turn = -1; turn < times; turn += 1) {
  const card = await untilPosted(() => type('deploy v2.1.0'));
  await sleep(APART_MS);
  await type('cancel');
  await untilQuiet();
  const message = await untilPosted(() => web.chat.postMessage({ channel: 'C0OPS', text: 'hello' }));
  await sleep(APART_MS);
  if (turn < 0) continue;
  cards.push(card);
  bare.push(message);
}
agent.destroy();
await bot.stop();
await slack.stop();
for (const dir of [bot.dir, git]) removeDir(dir);
const [ours, peer] = [percentile(cards, 0.5), percentile(bare, 0.5)];
report(
  [
    {
      ...{ target: 'P11', what: 'typed command until its card is in the channel, median', ours: `${ours} ms`, peer: `${peer} ms` },
      ...{ ratio: ours / peer, want: '<= 150 ms more', met: ours - peer <= 150 },
    },
  ],
  { cards, bare },
);

function type(text: string): Promise<number> {
  serial += 1;
  return postCommand(bot.port, agent, text, serial);
}

/** Milliseconds from the beginning of `act` until the next message reached the channel. */
async function untilPosted(act: () => Promise<unknown>): Promise<number> {
  const seen = slack.calls.length;
  const from = Date.now();
  const acted = act();
  for (;;) {
    const posted = slack.calls.slice(seen).find(({ method, args }) => method === 'chat.postMessage' && args['channel'] === 'C0OPS');
    if (posted !== undefined) {
      await acted;
      return posted.at - from;
    }
    if (Date.now() - from > MOST_MS) throw new Error('no message came');
    await sleep(1);
  }
}

/** What follows a cancel has been said. */
async function untilQuiet(): Promise<void> {
  for (let seen = -1; seen !== slack.calls.length; ) {
    seen = slack.calls.length;
    await sleep(2 * APART_MS);
  }
}
