// User groups of the strict Slack.

import { type Answer, type Args, no, type Workspace, words } from './workspace.ts';

export function groupMembers(space: Workspace, args: Args): Answer {
  const group = space.groups.get(words(args['usergroup']));
  if (group === undefined) return no('no_such_subteam');
  return typeof group === 'string' ? no(group) : { ok: true, users: group };
}
