// The dialog behind Reject: asks for the reason. Its submission comes back as a view_submission.

import type { types } from '@slack/bolt';
import { z } from 'zod';
import { plainText } from './mrkdwn.ts';

export const REJECT_DIALOG = 'dhash:reject';
/** Block and action id of the one input. */
export const REASON_FIELD = 'reason';

/** What the dialog carries from the click to the submission. */
export const dialogMetadata = z.object({
  request: z.string(),
  environment: z.string(),
  expect: z.string().nullable(),
  channel: z.string(),
});

export function rejectDialog(facts: z.infer<typeof dialogMetadata>): types.ModalView {
  return {
    type: 'modal',
    callback_id: REJECT_DIALOG,
    title: { type: 'plain_text', text: plainText(`Reject ${facts.request}`, 24) },
    submit: { type: 'plain_text', text: 'Reject' },
    close: { type: 'plain_text', text: 'Back' },
    private_metadata: JSON.stringify(facts),
    blocks: [
      {
        type: 'input',
        block_id: REASON_FIELD,
        label: { type: 'plain_text', text: `Why should this not go to ${plainText(facts.environment, 100)}?` },
        hint: { type: 'plain_text', text: 'Everybody in the thread and the audit will read this.' },
        element: { type: 'plain_text_input', action_id: REASON_FIELD, multiline: true, min_length: 1, max_length: 500 },
      },
    ],
  };
}
