import type { Actor } from '../core/actor.ts';
import type { People } from '../core/config.ts';

/** The Slack person behind an operating-system user; unmapped users may look, and nothing more. */
export function shellActor(user: string, people: People): Actor {
  const id = Object.hasOwn(people.shell, user) ? people.shell[user] : undefined;
  return { surface: 'shell', id: id ?? `shell:${user}`, name: user };
}
