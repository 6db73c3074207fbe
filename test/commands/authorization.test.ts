// A sample of `npm run test:attack`: people clicking in any order, and group look-ups that fail.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entitled, type Permission } from '../../src/commands/entitled.ts';
import { deeds, play } from '../attack/authorization.ts';

test('no sequence of clicks by any people deploys without a full, distinct, entitled quorum on the very commit', async () => {
  let deploys = 0;
  const property = fc.asyncProperty(deeds, async (sequence) => {
    deploys += await play(sequence);
  });
  await fc.assert(property, { numRuns: 40, seed: 5 });
  // Some of them do deploy: what is refused is not everything.
  expect(deploys).toBeGreaterThan(2);
});

const id = fc.constantFrom('U0ANA', 'U0BOB', 'U0OPS', 'S0REV', 'S0OPS', 'S0LEAD');
const people = fc.record({
  reviewers: fc.array(id, { maxLength: 3 }),
  ops: fc.array(id, { maxLength: 3 }),
  deployLead: fc.option(id),
  oncall: fc.option(id),
  mediaEng: fc.option(id),
  engineeringManager: fc.option(id),
  shell: fc.constant({}),
});
const known = fc.dictionary(
  fc.constantFrom('S0REV', 'S0OPS', 'S0LEAD'),
  fc.array(fc.constantFrom('U0ANA', 'U0BOB', 'U0OPS'), { maxLength: 3 }),
);
const ALLOWED: Readonly<Record<Exclude<Permission, 'anyone' | 'own'>, readonly string[]>> = {
  deploy: ['reviewers', 'ops', 'deployLead'],
  approve: ['reviewers', 'ops'],
  rollback: ['ops', 'deployLead', 'oncall'],
  operate: ['ops', 'deployLead', 'oncall'],
};

test('who may do what follows from the lists and the groups that are known; a group that cannot be looked up never lets anybody in', () => {
  const permission = fc.constantFrom('deploy' as const, 'approve' as const, 'rollback' as const, 'operate' as const);
  fc.assert(
    fc.property(people, known, permission, fc.constantFrom('U0ANA', 'U0BOB', 'U0OPS'), (lists, groups, wanted, who) => {
      const named = (keys: readonly string[]) => keys.flatMap((key) => Reflect.get(lists, key) ?? []);
      const isIn = (keys: readonly string[]) => named(keys).some((entry) => entry === who || (groups[entry]?.includes(who) ?? false));
      const answer = entitled({ surface: 'slack', id: who, name: who }, wanted, lists, {
        members: (group) => groups[group] ?? null,
        asOf: () => null,
      });
      expect(answer.kind === 'entitled').toBe(isIn(ALLOWED[wanted]));
      if (answer.kind === 'entitled') expect(answer.ops).toBe(isIn(['ops']));
      else
        expect(answer.reason).toBe(
          named(ALLOWED[wanted]).some((entry) => entry.startsWith('S') && groups[entry] === undefined)
            ? 'membership_unknown'
            : 'not_entitled',
        );
    }),
    { numRuns: 500 },
  );
});
