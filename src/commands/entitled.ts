// Who may do what. Authority is the Slack user id, directly or by user group; an empty list means nobody, and a group that cannot be looked up means no.

import type { Actor } from '../core/actor.ts';
import type { People } from '../core/config.ts';
import type { Groups } from '../core/ports.ts';
import { type Refusal, refuse } from '../core/refusal.ts';

/** `own` = decided by the command itself, e.g. a requester may always cancel. */
export type Permission = 'anyone' | 'deploy' | 'approve' | 'rollback' | 'operate' | 'own';

type Membership = 'yes' | 'no' | 'unknown';

export interface Entitled {
  readonly kind: 'entitled';
  readonly ops: boolean;
}

export function entitled(actor: Actor, permission: Permission, people: People, groups: Groups): Entitled | Refusal {
  if (actor.surface === 'schedule') return { kind: 'entitled', ops: false };
  const ops = member(actor.id, people.ops, groups);
  if (permission === 'anyone' || permission === 'own') return { kind: 'entitled', ops: ops === 'yes' };
  const answer = member(actor.id, listFor(permission, people), groups);
  if (answer === 'yes') return { kind: 'entitled', ops: ops === 'yes' };
  if (answer === 'unknown') {
    return refuse(
      'membership_unknown',
      `${actor.name} may be entitled to ${verb(permission)} through a user group, but Slack does not tell who is in it at the moment`,
      'Try again in a minute, or name people by their user id in dhash.yml.',
    );
  }
  return refuse('not_entitled', `${actor.name} may not ${verb(permission)}`, hintFor(actor, permission));
}

/** Is this person in one of the lists that let anybody do anything? For acknowledging an alert. */
export function isKnownPerson(actor: Actor, people: People, groups: Groups): boolean {
  const everyone = [...people.reviewers, ...people.ops, ...roles(people, ['deployLead', 'oncall', 'mediaEng', 'engineeringManager'])];
  return member(actor.id, everyone, groups) === 'yes';
}

function listFor(permission: Exclude<Permission, 'anyone' | 'own'>, people: People): readonly string[] {
  switch (permission) {
    case 'deploy':
      return [...people.reviewers, ...people.ops, ...roles(people, ['deployLead'])];
    case 'approve':
      return [...people.reviewers, ...people.ops];
    case 'rollback':
    case 'operate':
      return [...people.ops, ...roles(people, ['deployLead', 'oncall'])];
  }
}

function roles(people: People, names: readonly ('deployLead' | 'oncall' | 'mediaEng' | 'engineeringManager')[]): readonly string[] {
  return names.flatMap((name) => people[name] ?? []);
}

function member(id: string, list: readonly string[], groups: Groups): Membership {
  if (list.includes(id)) return 'yes';
  const looked = list.filter((entry) => entry.startsWith('S')).map((group) => groups.members(group));
  if (looked.some((members) => members?.includes(id))) return 'yes';
  return looked.includes(null) ? 'unknown' : 'no';
}

function verb(permission: Permission): string {
  return permission === 'operate' ? 'operate the environments' : permission === 'rollback' ? 'roll back' : permission;
}

function hintFor(actor: Actor, permission: Permission): string {
  if (actor.surface === 'shell' && actor.id.startsWith('shell:')) {
    return `Map the user to a Slack id: people.shell.${actor.name} in dhash.yml.`;
  }
  const where =
    permission === 'approve'
      ? 'people.reviewers or people.ops'
      : permission === 'deploy'
        ? 'people.reviewers, people.ops or people.deployLead'
        : 'people.ops, people.oncall or people.deployLead';
  return `Ask somebody who is in ${where}.`;
}
