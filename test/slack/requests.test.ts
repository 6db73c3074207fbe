// A sample of what `npm run test:attack` sends: forged, stale, foreign and malformed requests, none of which does anything.

import { expect, it } from 'vitest';
import { besiege } from '../attack/besieged.ts';
import { attacks } from '../attack/requests.ts';
import { formBody, post, slashCommand } from '../support/slack/sender.ts';

it('has no effect by anything but a genuine request of the right people in the right place', async () => {
  const besieged = await besiege();
  try {
    const { surface, bot } = besieged;
    const sent = attacks(150, surface.clock.now());
    const statuses = await besieged.send(sent);
    const passed = sent.filter((_, index) => (statuses[index] ?? 0) < 300).map(({ family }) => family);
    // These are Slack's own and are acked: what they want is judged, and refused, behind the endpoint.
    expect(new Set(passed)).toEqual(new Set(['foreign channel', 'stranger', 'smuggled', 'misfit']));
    await besieged.expectNoEffect();

    const genuine = formBody(slashCommand({ text: 'deploy v2.1.0', user_id: 'U0BOB' }));
    const replayed = await Promise.all(Array.from({ length: 20 }, () => post(surface.port, genuine, surface.clock.now())));
    expect(new Set(replayed.map(({ status }) => status))).toEqual(new Set([200]));
    await surface.waitFor('it was worked off', async () => (await surface.opened.inbox.pending(1)).length === 0);
    expect(await bot.store.requests({})).toMatchObject([{ tag: 'v2.1.0', by: { id: 'U0BOB' } }]);
  } finally {
    await besieged.close();
  }
});
