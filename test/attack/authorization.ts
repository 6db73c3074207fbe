// Any sequence of clicks by any people, and what it must never lead to: a deploy without a full, distinct, entitled quorum on the very commit.

import fc from 'fast-check';
import type { Actor } from '../../src/core/actor.ts';
import type { Reply } from '../../src/core/wish.ts';
import { type World, world } from '../support/world.ts';

const PEOPLE = ['U0LEAD', 'U0BOB', 'U0CAROL', 'U0OPS', 'U0GRETA', 'U0RUDI', 'U0STRANGER'] as const;
const TAGS = ['v2.0.0', 'v2.1.0'] as const;
type Members = readonly string[] | null;

type Deed =
  | { readonly kind: 'deploy'; readonly by: string; readonly surface: Actor['surface']; readonly tag: string }
  /** `card`: the button as it stands, as it stood before, made up, or the words typed. */
  | {
      readonly kind: 'approve';
      readonly by: readonly string[];
      readonly card: 'now' | 'old' | 'forged' | 'typed';
      readonly channel: string;
    }
  | { readonly kind: 'reject' | 'cancel'; readonly by: string }
  | { readonly kind: 'move'; readonly tag: string }
  | { readonly kind: 'group'; readonly group: 'S0OPS' | 'S0REV'; readonly members: Members }
  | { readonly kind: 'later'; readonly ms: number }
  | { readonly kind: 'work' };

const person = fc.constantFrom(...PEOPLE);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('deploy' as const),
      by: person,
      surface: fc.constantFrom('slack' as const, 'shell' as const),
      tag: fc.constantFrom(...TAGS),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('approve' as const),
      by: fc.array(person, { minLength: 1, maxLength: 3 }),
      card: fc.constantFrom('now' as const, 'now' as const, 'typed' as const, 'old' as const, 'forged' as const),
      channel: fc.constantFrom('C0OPS', 'C0OPS', 'C0OPS', 'C0OTHER'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('reject' as const, 'cancel' as const), by: person }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), tag: fc.constantFrom(...TAGS) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('group' as const),
      group: fc.constantFrom('S0OPS' as const, 'S0REV' as const),
      members: fc.constantFrom<Members>(null, [], ['U0GRETA'], ['U0GRETA', 'U0RUDI'], ['U0RUDI', 'U0STRANGER']),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('later' as const), ms: fc.constantFrom(1_000, 1_800_000, 3_600_001) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('work' as const) }) },
);

/** Opens with a deploy that waits for approvals: what is tried is how to get past them. */
export const deeds: fc.Arbitrary<readonly Deed[]> = fc
  .tuple(fc.constantFrom('U0LEAD', 'U0BOB', 'U0OPS'), fc.array(deed, { minLength: 3, maxLength: 25 }))
  .map(([by, rest]) => [{ kind: 'deploy', by, surface: 'slack', tag: 'v2.0.0' }, { kind: 'work' }, ...rest]);

/** What this file itself holds to be an approval, by the words of the configuration alone. */
interface Given {
  readonly request: string;
  readonly digest: string;
  readonly by: string;
  readonly ops: boolean;
}

/** Does it all; answers how many deploys began. Throws when one had no right to. */
export async function play(sequence: readonly Deed[]): Promise<number> {
  const groups = new Map<string, Members>([
    ['S0OPS', ['U0GRETA']],
    ['S0REV', ['U0RUDI']],
  ]);
  const bot = world({
    groups: { members: (group) => groups.get(group) ?? null, asOf: () => null },
    config: {
      people: {
        reviewers: ['U0BOB', 'U0CAROL', 'S0REV'],
        ops: ['U0OPS', 'S0OPS'],
        deployLead: 'U0LEAD',
        oncall: null,
        mediaEng: null,
        engineeringManager: null,
        shell: {},
      },
    },
  });
  const given: Given[] = [];
  const digests: string[] = [];
  let current: string | null = null;
  try {
    for (const step of sequence) await act(step);
    await work(bot);
    await judge(bot, given);
    return bot.host.fetched.length;
  } finally {
    bot.opened.close();
  }

  async function act(step: Deed): Promise<void> {
    switch (step.kind) {
      case 'deploy': {
        const reply = await bot.say(actor(step.by, step.surface), `deploy ${step.tag} --no-monitor`);
        if (reply.kind === 'accepted') current = reply.request.id;
        return;
      }
      case 'approve':
        return approve(step);
      case 'reject':
        return void (current !== null && (await bot.say(actor(step.by), `reject ${current} no`)));
      case 'cancel':
        return void (current !== null && (await bot.say(actor(step.by), `cancel ${current}`)));
      case 'move':
        bot.host.tags[step.tag] = `${Object.keys(digests).length}${bot.host.done.length}`.padEnd(40, 'e');
        return;
      case 'group':
        groups.set(step.group, step.members);
        return;
      case 'later':
        return bot.clock.later(step.ms);
      case 'work':
        return work(bot);
    }
  }

  /** All of them at the same moment. */
  async function approve({ by, card, channel }: Extract<Deed, { kind: 'approve' }>): Promise<void> {
    const id = current;
    const request = id === null ? null : await bot.store.request(id);
    if (id === null || request === null) return;
    const { digest } = request;
    if (digest !== null && digests.at(-1) !== digest) digests.push(digest);
    const expect = card === 'now' ? digest : card === 'old' ? (digests.at(-2) ?? 'none before') : card === 'forged' ? 'f'.repeat(16) : null;
    const replies = await Promise.all(
      by.map((who, index) => click(who, id, expect, channel, `${bot.host.done.length}-${index}-${Math.random()}`)),
    );
    for (const [index, who] of by.entries()) {
      if (replies[index]?.kind !== 'done' || digest === null) continue;
      // It counted: then it must have been one that counts.
      const isOps = who === 'U0OPS' || (groups.get('S0OPS')?.includes(who) ?? false);
      const isReviewer = isOps || who === 'U0BOB' || who === 'U0CAROL' || (groups.get('S0REV')?.includes(who) ?? false);
      if (!isReviewer) throw new Error(`${who} approved ${id} and is no reviewer`);
      if (request.by.id === who) throw new Error(`${who} approved a request of their own`);
      if (channel !== 'C0OPS') throw new Error(`${who} approved ${id} in another channel`);
      if (card === 'old' || card === 'forged') throw new Error(`${who} approved ${id} by a card that does not stand any more`);
      given.push({ request: id, digest, by: who, ops: isOps });
    }
  }

  function click(who: string, id: string, expect: string | null, channel: string, dedupeKey: string): Promise<Reply> {
    const button = { kind: 'button', verb: 'approve', request: id, environment: 'production', expect, flags: [], input: null } as const;
    const wish = expect === null ? ({ kind: 'words', text: `approve ${id}` } as const) : button;
    return bot.app.handle({ actor: actor(who), wish, channel, dedupeKey });
  }
}

function actor(id: string, surface: Actor['surface'] = 'slack'): Actor {
  return { surface, id, name: id.toLowerCase() };
}

/** Everything that is due, without the minutes that a watch would take. */
async function work(bot: World): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await bot.app.engine.tick();
    await bot.clock.later(500);
  }
}

/** For whatever was fetched: who approved this very commit, by the list above and not by the product's own. */
async function judge(bot: World, given: readonly Given[]): Promise<void> {
  for (const { job, commit } of bot.host.fetched) {
    const request = (await bot.store.jobs({})).find(({ id }) => id === job)?.requestId;
    if (request === undefined) throw new Error(`${job} belongs to no request`);
    const judged = (await bot.store.eventsOf(request)).filter((told) => told.type === 'checklist.judged');
    const shown = judged.flatMap(({ data }) => (data.commit === commit ? [data.digest] : []));
    const by = (await bot.store.request(request))?.by.id;
    const quorum = shown.some((digest) => {
      const people = new Map(given.filter((each) => each.request === request && each.digest === digest).map((each) => [each.by, each]));
      return people.size >= 2 && [...people.values()].some(({ ops }) => ops) && !people.has(by ?? '');
    });
    if (!quorum) throw new Error(`${commit} went out for ${request} without a quorum: ${JSON.stringify({ given, shown })}`);
  }
}
