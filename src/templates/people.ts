// People in a message: mentioned by id, so that a renamed group or person is still the right one.

import type { Role } from '../core/config.ts';
import type { Span } from './message.ts';

const ROLES = {
  deployLead: 'deploy lead',
  oncall: 'ops-oncall',
  mediaEng: 'media-eng',
  engineeringManager: 'engineering manager',
} as const satisfies Record<Role, string>;

export function roleName(role: Role): string {
  return ROLES[role];
}

/** This pings. */
export function mention(role: Role, person: string): Span {
  return person.startsWith('S') ? { group: person, name: ROLES[role] } : { person, name: ROLES[role] };
}
