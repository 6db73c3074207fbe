// Dialogs and App Homes of the strict Slack.

import { homeErrors, viewErrors } from './limits.ts';
import { type Answer, type Args, at, nested, no, type Workspace, words } from './workspace.ts';

const VIEW_MAX_BYTES = 250_000;
const EXPIRED = { expired_trigger_id: 'expired_trigger_id', trigger_expired: 'trigger_expired' } as const;

export function openView(space: Workspace, args: Args): Answer {
  const view = nested(args['view']);
  const refused = viewError(view, viewErrors(view, space.unverified.unit));
  if (refused !== null) return refused;
  const trigger = words(args['trigger_id']);
  const spent = space.triggers.spend(trigger);
  if (spent === 'expired') return no(EXPIRED[space.unverified.triggerErrors]);
  if (spent !== null) return no(`${spent}_trigger_id`);
  const id = `V${space.views.length + 1}`;
  space.views.push({ id, trigger, view });
  return { ok: true, view: { id } };
}

export function publishView(space: Workspace, args: Args): Answer {
  const view = nested(args['view']);
  const user = words(args['user_id']);
  if (!/^[UW][A-Z0-9]+$/.test(user)) return no('invalid_arguments', ['user_id must name a person']);
  const refused = viewError(view, homeErrors(view, space.unverified.unit));
  if (refused !== null) return refused;
  space.homes.set(user, { view, times: (space.homes.get(user)?.times ?? 0) + 1 });
  return { ok: true, view: { id: `V-${user}`, type: 'home' } };
}

function viewError(view: unknown, errors: readonly string[]): Answer | null {
  if (Buffer.byteLength(JSON.stringify(view) ?? '') > VIEW_MAX_BYTES) return no('view_too_large');
  return errors.length === 0 ? null : no('invalid_arguments', errors);
}

/** What is wrong with the answer to a submitted dialog. A person would read only "We had some trouble connecting". */
export function submissionErrors(space: Workspace, id: string, answer: unknown): readonly string[] {
  const action = at(answer, 'response_action');
  if (answer === undefined || action === undefined) return [];
  if (action === 'clear') return [];
  if (action === 'update' || action === 'push') return viewErrors(at(answer, 'view'), space.unverified.unit);
  if (action !== 'errors') return [`unknown response_action ${String(action)}`];
  const view = space.views.find((known) => known.id === id)?.view;
  const blocks = at(view, 'blocks');
  const inputs = (Array.isArray(blocks) ? blocks : [])
    .filter((block) => at(block, 'type') === 'input')
    .map((block) => at(block, 'block_id'));
  const named = Object.keys(Object(at(answer, 'errors')));
  if (view === undefined) return named.length === 0 ? ['errors name no block'] : [];
  return named.filter((name) => !inputs.includes(name)).map((name) => `errors name ${name}, which is no input`);
}
