// Whatever happens between the queue and Slack, the story that people read keeps its rules.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outbox, OutboxEntry } from '../../src/core/mailbox.ts';
import { openStore } from '../../src/store/open.ts';

type Act =
  | { readonly kind: 'card' | 'thread' | 'again'; readonly request: string }
  | { readonly kind: 'deliver' | 'bounce' | 'lose' | 'take-over' };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constantFrom('card' as const, 'thread' as const, 'again' as const), request: fc.constantFrom('d-1', 'd-2') }),
  fc.record({ kind: fc.constantFrom('deliver' as const, 'bounce' as const, 'lose' as const, 'take-over' as const) }),
);

describe('the story in a channel', () => {
  it('has each card before its thread, each reply once and in order, and ends with the newest card', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
        const open = openStore({ path: ':memory:', now: () => 0 });
        try {
          const told = await play(open.outbox, acts);
          for (const request of ['d-1', 'd-2']) expectStory(told, request);
        } finally {
          open.close();
        }
      }),
      { numRuns: 150 },
    );
  });
});

interface Told {
  /** In the order they were asked for. */
  readonly asked: { readonly kind: 'card' | 'thread'; readonly request: string; readonly n: number }[];
  readonly sent: { readonly kind: string; readonly request: string; readonly n: unknown }[];
}

async function play(outbox: Outbox, acts: readonly Act[]): Promise<Told> {
  const told: Told = { asked: [], sent: [] };
  for (const [n, one] of acts.entries()) {
    if ('request' in one) await ask(outbox, told, one.kind, one.request, n + 1);
    else await step(outbox, told, one.kind);
  }
  while ((await outbox.head('C1')) !== null) await step(outbox, told, 'deliver');
  return told;
}

async function ask(outbox: Outbox, told: Told, kind: 'card' | 'thread' | 'again', request: string, n: number): Promise<void> {
  const enqueue = (what: Told['asked'][number]) =>
    outbox.enqueue(
      [
        {
          key: `k${what.n}`,
          channel: 'C1',
          to: what.kind === 'card' ? { kind: 'card', request } : { kind: 'thread', request, broadcast: false },
          content: what.n,
          at: 0,
        },
      ],
      null,
    );
  const before = told.asked.filter((one) => one.request === request);
  const [old] = before;
  if (kind === 'again') {
    if (old !== undefined) await enqueue(old);
    return;
  }
  // A projector posts the card first.
  const what = { kind: old === undefined ? ('card' as const) : kind, request, n };
  told.asked.push(what);
  await enqueue(what);
}

async function step(outbox: Outbox, told: Told, kind: 'deliver' | 'bounce' | 'lose' | 'take-over'): Promise<void> {
  const head = await outbox.head('C1');
  if (head === null) return;
  if (kind === 'take-over' && head.owner !== null) {
    expect(await outbox.begin(head.id, `${head.owner}+`, 0, head.owner)).toBe(true);
    return;
  }
  if (head.state === 'pending') expect(await outbox.begin(head.id, 'me', 0)).toBe(true);
  if (kind === 'bounce') return outbox.retry(head.id, 0, 'rate limited');
  if (kind !== 'deliver') return outbox.ambiguous(head.id, 0, 'timed out');
  told.sent.push(asSent(head));
  await outbox.sent(head.id, '1.0');
}

function asSent({ to, content }: OutboxEntry): Told['sent'][number] {
  return { kind: to.kind, request: to.kind === 'ephemeral' ? to.user : to.request, n: content };
}

function expectStory(told: Told, request: string): void {
  const ofRequest = (one: { readonly request: string }) => one.request === request;
  const sent = told.sent.filter(ofRequest);
  const asked = told.asked.filter(ofRequest);
  const numbers = (list: readonly { readonly kind: string; readonly n: unknown }[], kind: string) =>
    list.filter((one) => one.kind === kind).map(({ n }) => n);
  expect(sent[0]?.kind ?? 'card').toBe('card');
  expect(numbers(sent, 'thread')).toEqual(numbers(asked, 'thread'));
  const cards = numbers(sent, 'card').map(Number);
  expect(cards).toEqual([...cards].sort((a, b) => a - b));
  expect(cards.at(-1)).toBe(numbers(asked, 'card').at(-1));
}
