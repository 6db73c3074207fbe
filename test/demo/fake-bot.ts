// A workspace and a bot in memory, as far as the story needs them: what it says is worded as the real bot words it.

import { createServer } from 'node:http';
import type { DemoConfig } from '../../demo/config.ts';
import { PEOPLE, type Person } from '../../demo/people.ts';
import type { SlackDriver, SlackMessage } from '../../demo/slack-driver.ts';
import { until } from '../../demo/until.ts';

export interface FakeBot {
  readonly driver: SlackDriver;
  readonly publicUrl: string;
  readonly close: () => void;
}

/** `mute` = a sentence the bot never says; `stuck` = the public port never changes. */
export async function startFakeBot(flaw: { readonly mute?: RegExp; readonly stuck?: boolean } = {}): Promise<FakeBot> {
  const messages: SlackMessage[] = [];
  const approved = new Set<Person>();
  let [live, wanted, ticks] = ['v2.0.0', '', 0];

  const server = createServer((_request, response) => response.end(JSON.stringify({ version: live, tag: live })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const publicUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  return { driver: { ...reading(), typeCommand, press, submitView: async () => ({}) }, publicUrl, close: () => server.close() };

  function say(text: string, labels: readonly string[] = [], rest: Partial<SlackMessage> = {}): SlackMessage {
    ticks += 1;
    const buttons = labels.map((label) => ({ label, actionId: label, blockId: 'b0', value: null }));
    const message = {
      ts: `1795477412.${ticks + 100_000}`,
      threadTs: null,
      user: 'U0DHASH',
      text,
      buttons,
      onlyFor: null,
      edited: false,
      ...rest,
    };
    if (flaw.mute?.test(text) !== true) messages.push(message);
    return message;
  }

  async function typeCommand(_who: Person, words: string): Promise<void> {
    wanted = words.replace('/dhash deploy ', '');
    approved.clear();
    say(`✋ Deploy of ${wanted} to production: waiting for approvals\nApprovals: 0 of 2`, ['Approve', 'Reject', 'Cancel']);
  }

  async function press(who: Person, _ts: string, label: string): Promise<void> {
    if (label === 'Rollback now') return rollBack();
    if (who === 'ana') {
      say('You asked for it yourself: somebody else must approve.', [], { onlyFor: PEOPLE.ana.id });
      return;
    }
    approved.add(who);
    say(`ℹ️ ${who} approved`);
    if (approved.size < 2) return;
    if (flaw.stuck !== true) live = wanted;
    say(`✅ ${wanted} is live in production`);
    if (wanted === 'v2.1.0') say(`✅ ${wanted} is officially successful in production: certified\n60 checks, 0 breaches.`);
    else say(`🛑 Breach in production: response time is 900 ms, limit 200 ms\nLive: ${wanted}.`, ['Rollback now', 'Acknowledge']);
  }

  function rollBack(): void {
    live = 'v2.1.0';
    say('Rollback of production to v2.1.0: running');
    say('⚠️ production is rolled back: v2.1.0 is live');
    say('✅ v2.1.0 is officially successful in production: certified');
  }

  function reading(): Pick<SlackDriver, 'messages' | 'ephemerals' | 'waitForMessage' | 'waitForEphemeral'> {
    const visible = async () => messages.filter(({ onlyFor }) => onlyFor === null);
    const only = async (who: Person) => messages.filter(({ onlyFor }) => onlyFor === PEOPLE[who].id);
    const quick = { timeoutMs: 200 };
    return {
      messages: visible,
      ephemerals: only,
      waitForMessage: (fits, wait) => until(async () => (await visible()).find(fits), { ...wait, ...quick }),
      waitForEphemeral: (who, fits, wait) => until(async () => (await only(who)).find(fits), { ...wait, ...quick }),
    };
  }
}

export function fakeConfig(publicUrl: string, dir: string): DemoConfig {
  const pace = { watch: '1s', updates: ['0s'], afterRollback: '1s', interval: '1s', similarityWarmupMs: 1, picturesPerSecond: 1 };
  const ports = { listen: 1, blue: 2, green: 3 };
  return { file: '', setupFile: '', root: dir, dataDir: dir, publicUrl, ports, pace };
}
