// The real program in HTTP mode under 24,000 requests that must do nothing: no effect, and what it holds after a collection stays flat.

import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createStage, type Program, until } from '../fixtures/e2e/program.ts';
import { SIGNING_SECRET } from '../support/slack/sender.ts';
import { sendAll } from './besieged.ts';
import { attacks } from './requests.ts';

const HEAP_ON_SIGNAL = fileURLToPath(new URL('../fixtures/heap-on-signal.mjs', import.meta.url));
const MB = 1_048_576;

test('bin/dhash in HTTP mode does not grow with them', { timeout: 480_000 }, async () => {
  const stage = await createStage();
  const program = stage.launch({
    SLACK_APP_TOKEN: '',
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    NODE_OPTIONS: `--import=${HEAP_ON_SIGNAL}`,
  });
  const port = Number(await until('it listens', () => /on port (\d+)/.exec(program.said())?.[1], program.said));
  const held: Held[] = [];
  for (let round = 1; round <= 12; round += 1) {
    await sendAll(port, attacks(2_000, Date.now(), round));
    if (round % 2 === 0) held.push(await heldBy(program));
  }
  const told = held.map(({ heapMb, bufferMb, rssMb }) => `${heapMb.toFixed(1)} + ${bufferMb.toFixed(1)} (${rssMb.toFixed(0)})`);
  process.stdout.write(`heap + buffers (RSS) after each 4,000 requests: ${told.join(', ')} MB\n`);
  const [first, last] = [held[0], held.at(-1)];
  expect((last?.heapMb ?? 0) - (first?.heapMb ?? 0)).toBeLessThan(5);
  // Bodies of a megabyte that are just being read, and the memory that the system lends for them.
  expect(last?.bufferMb).toBeLessThan(30);
  expect((last?.rssMb ?? 0) - (first?.rssMb ?? 0)).toBeLessThan(40);
  // What bears Slack's own signature is told one by one; of the rest two lines a minute and kind.
  expect(program.said().match(/requests?-refused/g)?.length).toBeLessThan(100);
  const { store } = stage.bot.opened;
  expect([await store.requests({}), await store.jobs({}), await store.lock('production')]).toEqual([[], [], null]);
  // Thousands of refusals at once are more than Slack takes: the bot is told to wait, and waits.
  expect(stage.slack.limited.filter((method) => method !== 'chat.postEphemeral')).toEqual([]);
  stage.slack.limited.length = 0;
});

interface Held {
  readonly heapMb: number;
  readonly bufferMb: number;
  readonly rssMb: number;
}

async function heldBy(program: Program): Promise<Held> {
  const from = program.said().length;
  process.kill(program.pid, 'SIGUSR2');
  const told = await until('it tells its heap', () => /\{"heapUsed":.*\}/.exec(program.said().slice(from))?.[0], program.said);
  const { heapUsed, external, rss } = JSON.parse(told);
  return { heapMb: heapUsed / MB, bufferMb: external / MB, rssMb: rss / MB };
}
