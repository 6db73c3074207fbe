// The `notify` section of dhash.yml: who is told what beside the story in Slack, and in whose words.

import { z } from 'zod';
import { AUDIENCES, NOTICES, type NoticeName, USUAL_AUDIENCES } from '../core/notice.ts';
import { wordingFault } from '../core/wording.ts';
import { choice, httpUrl, leaf, span, text } from './leaf.ts';

const ADDRESS = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/;
const SENDER = /^(?:[^\r\n<>@,;:"]* <[^\s@<>,;:"]+@[^\s@<>,;:"]+>|[^\s@<>,;:"]+@[^\s@<>,;:"]+)$/;

const address = () => text('an e-mail address', 'ops@example.com', ADDRESS);
const wait = () => span().prefault('20s');

const mail = z.strictObject({
  from: text('a sender', '"dhash-ops <dhash-ops@example.com>"', SENDER),
  stakeholders: z.array(address()).default([]),
  emergency: z.array(address()).default([]),
  timeout: wait(),
});

const contact = z.strictObject({
  name: text('the name of a person', 'Ana Example'),
  mail: address().nullable().default(null),
});

const whom = (notice: NoticeName) => z.array(choice(AUDIENCES)).default([...USUAL_AUDIENCES[notice]]);

const wording = z
  .record(
    z.string().refine((name) => NOTICES.some((notice) => notice === name), `not a notice, write one of: ${NOTICES.join(', ')}`),
    z.strictObject({ title: own().nullable().default(null), text: own().nullable().default(null) }),
  )
  .superRefine((all, context) => {
    for (const notice of NOTICES)
      for (const part of ['title', 'text'] as const) {
        const words = all[notice]?.[part];
        const fault = typeof words === 'string' ? wordingFault(notice, words) : null;
        if (fault !== null) context.addIssue({ code: 'custom', path: [notice, part], message: fault });
      }
  });

export const notify = z.strictObject({
  mail: mail.nullable().default(null),
  teams: z.strictObject({ timeout: wait() }).prefault({}),
  pagerduty: z.strictObject({ api: httpUrl().default('https://events.pagerduty.com'), timeout: wait() }).prefault({}),
  contacts: z.record(z.string().regex(/^[UWS][A-Z0-9_]+$/, 'not a Slack id, write U0ALICE or S0REVIEW'), contact).default({}),
  meeting: httpUrl().nullable().default(null),
  audiences: z
    .strictObject({
      announcement: whom('announcement'),
      progress: whom('progress'),
      issue: whom('issue'),
      success: whom('success'),
      rollback: whom('rollback'),
      halfway: whom('halfway'),
      final: whom('final'),
      escalation: whom('escalation'),
    })
    .prefault({}),
  wording: wording.default({}),
});

function own() {
  return leaf({
    read: (value) => (typeof value === 'string' && value.trim() !== '' ? value : undefined),
    what: 'a text',
    write: '"{{tag}} is live"',
  });
}
