// Buttons and their confirm dialogs within Slack's limits.

import type { types } from '@slack/bolt';
import type { Action, Message } from '../templates/message.ts';
import { plainText } from './mrkdwn.ts';

/** Slack's own limits of an actions block and of a button's value. */
const MAX_BUTTONS = 25;
const MAX_VALUE = 2_000;

/** The buttons that fit, as blocks, and those that had to be left out. */
export function layoutButtons(message: Message): { readonly blocks: readonly types.ActionsBlock[]; readonly dropped: readonly Action[] } {
  const fitting = message.actions.filter((action) => valueText(action).length <= MAX_VALUE).slice(0, MAX_BUTTONS);
  const dropped = message.actions.filter((action) => !fitting.includes(action));
  if (fitting.length === 0) return { blocks: [], dropped };
  return { blocks: [{ type: 'actions', elements: fitting.map(button) }], dropped };
}

/** What to type where a button cannot be shown. */
export function typedInstead(action: Action): string {
  const { request, environment } = action.value;
  if (action.verb === 'rollback') return `/dhash rollback ${environment}`;
  if (action.verb === 'report') return `/dhash report ${environment} WHAT YOU SEE`;
  return action.verb === 'reject' ? `/dhash reject ${request} REASON` : `/dhash ${action.verb} ${request}`;
}

function button(action: Action, index: number): types.Button {
  return {
    type: 'button',
    action_id: `dhash:${action.verb}:${index}`,
    text: { type: 'plain_text', text: plainText(action.label, 75), emoji: false },
    value: valueText(action),
    ...(action.style === 'plain' ? {} : { style: action.style }),
    ...(action.confirm === null ? {} : { confirm: confirmation(action.confirm, action.style) }),
  };
}

function confirmation(confirm: NonNullable<Action['confirm']>, style: Action['style']): types.ConfirmationDialog {
  return {
    title: { type: 'plain_text', text: plainText(confirm.title, 100) },
    text: { type: 'plain_text', text: plainText(confirm.text, 300) },
    confirm: { type: 'plain_text', text: plainText(confirm.yes, 30) },
    deny: { type: 'plain_text', text: plainText(confirm.no, 30) },
    ...(style === 'plain' ? {} : { style }),
  };
}

function valueText(action: Action): string {
  return JSON.stringify(action.value);
}
