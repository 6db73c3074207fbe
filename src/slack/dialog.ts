// The dialogs behind Reject and Report a problem: each asks for a few words. Their submission comes back as a view_submission.

import type { types } from '@slack/bolt';
import { z } from 'zod';
import { plainText } from './mrkdwn.ts';

export const DIALOG_VERBS = ['reject', 'report'] as const;
export type DialogVerb = (typeof DIALOG_VERBS)[number];
export const dialogId = (verb: DialogVerb) => `dhash:${verb}`;
/** Block and action id of the one input. */
export const REASON_FIELD = 'reason';

/** What the dialog carries from the click to the submission. */
export const dialogMetadata = z.object({
  request: z.string(),
  environment: z.string(),
  expect: z.string().nullable(),
  channel: z.string(),
});

type DialogFacts = z.infer<typeof dialogMetadata>;

export function dialogFor(verb: DialogVerb, facts: DialogFacts): types.ModalView {
  return verb === 'reject'
    ? dialog(verb, facts, {
        title: `Reject ${facts.request}`,
        submit: 'Reject',
        label: `Why should this not go to ${plainText(facts.environment, 100)}?`,
      })
    : dialog(verb, facts, {
        title: 'Report a problem',
        submit: 'Report',
        label: `What do you see in ${plainText(facts.environment, 100)}?`,
      });
}

function dialog(
  verb: DialogVerb,
  facts: DialogFacts,
  words: { readonly title: string; readonly submit: string; readonly label: string },
): types.ModalView {
  return {
    type: 'modal',
    callback_id: dialogId(verb),
    title: { type: 'plain_text', text: plainText(words.title, 24) },
    submit: { type: 'plain_text', text: words.submit },
    close: { type: 'plain_text', text: 'Back' },
    private_metadata: JSON.stringify(facts),
    blocks: [
      {
        type: 'input',
        block_id: REASON_FIELD,
        label: { type: 'plain_text', text: words.label },
        hint: { type: 'plain_text', text: 'Everybody in the thread and the audit will read this.' },
        element: { type: 'plain_text_input', action_id: REASON_FIELD, multiline: true, min_length: 1, max_length: 500 },
      },
    ],
  };
}
