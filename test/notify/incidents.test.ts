// What leaves beside Slack while a real watch finds trouble and its ladder is climbed.

import { afterEach, expect, test } from 'vitest';
import type { StoredEvent } from '../../src/core/event.ts';
import type { NewOutboxEntry } from '../../src/core/mailbox.ts';
import { createKeepUp } from '../../src/keep-up.ts';
import { noticeEntries } from '../../src/notify/draw.ts';
import { breached, EVERYBODY, finds, MINUTE, pass, recovered, ruleMet, SECOND, story, watched } from '../support/alarms.ts';
import { testConfig } from '../support/config.ts';
import { LISTS } from '../support/notify/world.ts';
import { OLGA, type World } from '../support/world.ts';

const CONTACTS = {
  U0LEAD: { name: 'Ana', mail: 'lead@ops.test' },
  U0OPS: { name: 'Olga', mail: 'Bob@ops.test' },
  U0MEDIA: { name: 'Mia', mail: null },
};
const NOTIFY = { ...testConfig().notify, mail: LISTS, contacts: CONTACTS };
const worlds: World[] = [];
afterEach(() => {
  for (const bot of worlds.splice(0)) bot.opened.close();
});

async function notified(): Promise<readonly [World, string]> {
  const made = await watched({ config: { people: EVERYBODY, notify: NOTIFY } });
  worlds.push(made[0]);
  return made;
}

function leaving(bot: World, events: readonly StoredEvent[]): readonly NewOutboxEntry[] {
  const open = { mail: true, teams: false, pagerduty: true };
  return events.flatMap((told, at) => noticeEntries(told, events.slice(0, at + 1), bot.config, open));
}

/** Who got a call for help, by channel, and what PagerDuty was told, in order. */
async function called(bot: World, id: string): Promise<readonly string[]> {
  return leaving(bot, await story(bot, id)).flatMap(({ channel, content, to }) => {
    if (channel === 'pagerduty:incidents' && typeof content === 'object' && content !== null && 'dedup_key' in content)
      return [`${to.kind === 'notice' ? to.notice : ''} ${String(content['dedup_key'])}`];
    return to.kind === 'notice' && to.notice === 'escalation' ? [channel] : [];
  });
}

test('a breach followed by its rule is one emergency e-mail and one incident for PagerDuty', async () => {
  const [bot, id] = await notified();
  await finds(bot, breached());
  await finds(bot, ruleMet('ask'));
  await pass(bot, 20 * SECOND);
  const incident = `mobius-dhash/production/INC-${id}-2`;
  // The deploy lead is called for either by the ladder, the emergency list for what is critical.
  expect(await called(bot, id)).toEqual(['mail:lead@ops.test', 'mail:bob@ops.test', `trigger ${incident}`, 'mail:lead@ops.test']);
  await bot.say(OLGA, `ack ${id}`);
  await finds(bot, recovered());
  await finds(bot, { kind: 'rule-cleared', rule: 'error-rate', value: '0 %' });
  expect((await called(bot, id)).slice(4)).toEqual([`acknowledge ${incident}`, `resolve ${incident}`]);
});

test('each rung with an address is told by e-mail when it is called, and nobody twice', async () => {
  const [bot, id] = await notified();
  await finds(bot, { ...ruleMet('ask'), rule: 'cpu' });
  await pass(bot, 16 * MINUTE);
  // olga, the on-call, stands in the emergency list already; nobody knows an address of the others.
  expect((await called(bot, id)).filter((one) => one.startsWith('mail:'))).toEqual(['mail:bob@ops.test', 'mail:lead@ops.test']);
});

test('a service that is gone joins what is told of it, and is resolved when it runs again', async () => {
  const [bot, id] = await notified();
  const keepUp = createKeepUp(bot);
  bot.host.failures['start'] = [new Error('no')];
  delete bot.host.running[bot.host.active ?? 'blue'];
  await keepUp.round();
  await finds(bot, { kind: 'breached', gate: 'health', value: 'not healthy', threshold: 'answers 2xx', failures: 3 });
  await bot.clock.later(5_000);
  await keepUp.round();
  await finds(bot, { kind: 'recovered', gate: 'health', value: 'healthy', passes: 5 });
  const incident = `mobius-dhash/production/INC-${id}-1`;
  expect((await called(bot, id)).filter((one) => !one.startsWith('mail:'))).toEqual([`trigger ${incident}`, `resolve ${incident}`]);
});

test('where nobody is named to be called, the emergency list and PagerDuty hear all the same, and the thread of no ladder', async () => {
  const made = await watched({ environment: { escalation: [] }, config: { notify: NOTIFY } });
  const [bot, id] = made;
  worlds.push(bot);
  await finds(bot, ruleMet('ask'));
  expect(await called(bot, id)).toEqual(['mail:bob@ops.test', `trigger mobius-dhash/production/INC-${id}-1`]);
  await finds(bot, { kind: 'rule-cleared', rule: 'error-rate', value: '0 %' });
  expect((await called(bot, id)).at(-1)).toBe(`resolve mobius-dhash/production/INC-${id}-1`);
});
