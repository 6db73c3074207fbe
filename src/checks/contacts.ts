// Is there anybody who can approve, and anybody to call?

import { type CheckResult, fail, pass, unknown } from '../core/check.ts';
import type { People, Role } from '../core/config.ts';
import type { Groups } from '../core/ports.ts';
import { type Approver, assignSeats, isQuorate, type Requirement } from '../core/seats.ts';
import { counted } from '../core/units.ts';
import type { Check } from './context.ts';

export interface ContactFacts {
  readonly requirement: Requirement;
  /** Everybody known who may fill a seat of this request. */
  readonly approvers: readonly Approver[];
  /** User groups nobody could look into. */
  readonly unknownGroups: readonly string[];
  /** Roles the escalation names and people does not fill. */
  readonly emptyRoles: readonly Role[];
  /** Roles that are a user group: with nobody in it, or that could not be looked into. */
  readonly deafRoles: readonly { readonly role: Role; readonly group: string; readonly why: 'empty' | 'unknown' }[];
}

export const checkContacts: Check = async ({ environment, config, ports, now, request }) => {
  const { people } = config;
  const found = approversOf(people, ports.groups);
  // The lead is named in announcements and told first, whatever the escalation says.
  const roles: readonly Role[] = [...new Set<Role>(['deployLead', ...environment.escalation.map(({ to }) => to)])];
  const emptyRoles = roles.filter((role) => people[role] === null);
  const deafRoles = roles.flatMap((role) => deafRole(role, people[role], ports.groups));
  const approvers = found.approvers.filter(({ id }) => id !== request.by);
  const result = judgeContacts({ requirement: environment.approvals, ...found, approvers, emptyRoles, deafRoles });
  // As old as the oldest list of a group: where Slack is away, what it told before still counts for a while.
  const named = [...people.reviewers, ...people.ops, ...roles.map((role) => people[role])];
  const told = named.flatMap((id) => (id?.startsWith('S') ? (ports.groups.asOf(id) ?? []) : []));
  return { result, at: Math.min(now, ...told) };
};

export function judgeContacts({ requirement, approvers, unknownGroups, emptyRoles, deafRoles }: ContactFacts): CheckResult {
  if (emptyRoles.length > 0) {
    const names = emptyRoles.map((role) => `people.${role}`).join(', ');
    return fail(
      `nobody is named as ${names}, who would be told first or when nobody answers`,
      `Name somebody as ${names} in dhash.yml${emptyRoles.includes('deployLead') ? '' : ', or take the step out of escalation'}.`,
    );
  }
  const empty = deafRoles.filter(({ why }) => why === 'empty');
  if (empty.length > 0) return fail(`nobody is in ${listed(empty)}`, 'Add somebody to the group in Slack, or name a person in dhash.yml.');
  const seats = assignSeats(requirement, approvers);
  if (isQuorate(seats) && deafRoles.length > 0)
    return unknown(
      `Slack does not tell who is in ${listed(deafRoles)}`,
      'Try again in a minute, or name a person by user id in dhash.yml.',
    );
  if (isQuorate(seats))
    return pass(
      requirement.required === 0
        ? 'no approvals are wanted'
        : `${counted(approvers.length, 'person', 'people')} may fill ${counted(seats.length, 'seat')}`,
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
    `${counted(free.length, 'seat')} of ${seats.length} cannot be filled, missing ${wanted} (the requester does not count)`,
    'Add people in dhash.yml, or lower approvals.required.',
  );
}

function deafRole(role: Role, id: string | null, groups: Groups): ContactFacts['deafRoles'] {
  if (id === null || !id.startsWith('S')) return [];
  const members = groups.members(id);
  if (members === null) return [{ role, group: id, why: 'unknown' }];
  return members.length === 0 ? [{ role, group: id, why: 'empty' }] : [];
}

function listed(deaf: ContactFacts['deafRoles']): string {
  return deaf.map(({ role, group }) => `${group} (people.${role})`).join(', ');
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
