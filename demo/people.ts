// Who is in the demo's workspace.

/** Slack user ids by what the person does. Ana is also a reviewer, so that her click on her own request is refused for the right reason. */
export const PEOPLE = {
  ana: { id: 'U0ANA', name: 'ana', says: 'Ana (deploy lead)' },
  bob: { id: 'U0BOB', name: 'bob', says: 'Bob (reviewer)' },
  carol: { id: 'U0CAROL', name: 'carol', says: 'Carol (reviewer)' },
  olga: { id: 'U0OLGA', name: 'olga', says: 'Olga (Ops/SRE, on call)' },
  mia: { id: 'U0MIA', name: 'mia', says: 'Mia (media engineer)' },
  emil: { id: 'U0EMIL', name: 'emil', says: 'Emil (engineering manager)' },
  gus: { id: 'U0GUS', name: 'gus', says: 'Gus (guest, may do nothing)' },
} as const satisfies Record<string, { readonly id: string; readonly name: string; readonly says: string }>;

export type Person = keyof typeof PEOPLE;

export const BOT = { appId: 'A0DHASH', userId: 'U0DHASH', name: 'dhash' } as const;
export const TEAM = 'T0DEMO';
export const CHANNEL = 'C0OPS';

/** "U0ANA" -> "Ana (deploy lead)"; an id nobody has stays as it is. */
export function nameOf(id: string): string {
  if (id === BOT.userId) return BOT.name;
  return Object.values(PEOPLE).find((person) => person.id === id)?.says ?? id;
}
