import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignSeats, isQuorate } from '../../src/core/seats.ts';

const person = (id: string, ops: boolean) => ({ id, ops });

test.each([
  { people: [person('bob', false), person('olga', true)], quorate: true },
  { people: [person('olga', true), person('bob', false)], quorate: true },
  { people: [person('bob', false), person('carol', false)], quorate: false },
  { people: [person('olga', true), person('otto', true)], quorate: true },
  { people: [person('olga', true), person('olga', true)], quorate: false },
  { people: [], quorate: false },
])('$people fill both seats: $quorate', ({ people, quorate }) => {
  expect(isQuorate(assignSeats({ required: 2, fromOps: 1 }, people))).toBe(quorate);
});

test('an ops person moves from a seat for anyone to the ops seat when that lets everybody sit', () => {
  const seats = assignSeats({ required: 3, fromOps: 2 }, [person('olga', true), person('bob', false), person('otto', true)]);
  expect(isQuorate(seats)).toBe(true);
});

test('no seats are always filled', () => {
  expect(isQuorate(assignSeats({ required: 0, fromOps: 0 }, []))).toBe(true);
});

test('for any people, in any order, the quorum is exactly: enough distinct people, enough of them ops', () => {
  const people = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), ops: fc.boolean() }), { maxLength: 8 });
  const requirement = fc
    .integer({ min: 0, max: 4 })
    .chain((required) => fc.record({ required: fc.constant(required), fromOps: fc.integer({ min: 0, max: required }) }));
  fc.assert(
    fc.property(people, requirement, (approvers, wanted) => {
      // One person has one role: the last one said.
      const distinct = [...new Map(approvers.map((each) => [each.id, each])).values()];
      const enough = distinct.length >= wanted.required && distinct.filter(({ ops }) => ops).length >= wanted.fromOps;
      const seats = assignSeats(wanted, approvers);
      expect(isQuorate(seats)).toBe(enough);
      const sitting = seats.flatMap(({ filledBy }) => filledBy ?? []);
      expect(new Set(sitting).size).toBe(sitting.length);
    }),
  );
});
