// Is there anybody who can approve, and anybody to call?

import { type CheckResult, fail, pass, unknown } from '../core/check.ts';
import type { People, Role } from '../core/config.ts';
import type { Groups } from '../core/ports.ts';
import { type Approver, assignSeats, isQuorate, type Requirement } from '../core/seats.ts';
import type { Check } from './context.ts';

export interface ContactFacts {
  readonly requirement: Requirement;
  /** Everybody known who may fill a seat of this request. */
  readonly approvers: readonly Approver[];
  /** User groups nobody could look into. */
  readonly unknownGroups: readonly string[];
  /** Roles the escalation names and people does not fill. */
  readonly emptyRoles: readonly Role[];
}

export const checkContacts: Check = async ({ environment, config, ports, now, request }) => {
  const { people } = config;
  const found = approversOf(people, ports.groups);
  const emptyRoles = [...new Set(environment.escalation.map(({ to }) => to))].filter((role) => people[role] === null);
  const approvers = found.approvers.filter(({ id }) => id !== request.by);
  return { result: judgeContacts({ requirement: environment.approvals, ...found, approvers, emptyRoles }), at: now };
};

export function judgeContacts({ requirement, approvers, unknownGroups, emptyRoles }: ContactFacts): CheckResult {
  if (emptyRoles.length > 0) {
    const names = emptyRoles.map((role) => `people.${role}`).join(', ');
    return fail(
      `the escalation goes to ${names}, but nobody is named there`,
      `Name somebody as ${names} in dhash.yml, or take the step out of escalation.`,
    );
  }
  const seats = assignSeats(requirement, approvers);
  if (isQuorate(seats))
    return pass(
      requirement.required === 0
        ? 'no approvals are wanted'
        : `${counted(approvers.length, 'person', 'people')} may fill ${counted(seats.length, 'seat', 'seats')}`,
    );
  if (unknownGroups.length > 0) {
    return unknown(
      `Slack does not tell who is in ${unknownGroups.join(', ')}`,
      'Try again in a minute, or name people by their user id in dhash.yml.',
    );
  }
  const free = seats.filter(({ filledBy }) => filledBy === null);
  const wanted = free
    .map(({ wants }) => (wants === 'ops' ? 'one from people.ops' : 'one from people.reviewers or people.ops'))
    .join(' and ');
  return fail(
    `${counted(free.length, 'seat', 'seats')} of ${seats.length} cannot be filled, missing ${wanted} (the requester does not count)`,
    'Add people in dhash.yml, or lower approvals.required.',
  );
}

/** Direct user ids and the members of groups, each person once; somebody who is also in ops counts as ops. */
function approversOf(people: People, groups: Groups): Pick<ContactFacts, 'approvers' | 'unknownGroups'> {
  const unknownGroups = new Set<string>();
  const membersOf = (list: readonly string[]) =>
    list.flatMap((id) => {
      if (!id.startsWith('S')) return [id];
      const members = groups.members(id);
      if (members === null) unknownGroups.add(id);
      return members ?? [];
    });
  const ops = new Set(membersOf(people.ops));
  const everyone = new Set([...membersOf(people.reviewers), ...ops]);
  return { approvers: [...everyone].map((id) => ({ id, ops: ops.has(id) })), unknownGroups: [...unknownGroups] };
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
