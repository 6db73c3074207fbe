// What a person reads when the Slack edge itself could not do its part.

import type { BotError } from '../core/error.ts';
import { type Message, message } from '../templates/message.ts';
import type { DialogClick } from './payload.ts';

/** As plain words, for an ack that can carry only text. */
export function notStored(error: BotError): string {
  const why = isForPeople(error) ? [`${error.message}.`] : [];
  return ['dhash could not store this, so nothing was done.', ...why, error.hint ?? 'Look at the log, then try again.'].join(' ');
}
export const NOT_READY =
  'dhash does not know its workspace yet because Slack has not answered it. Nothing was done; try again in a minute.';

/** A stranger's error may hold anything, so only its code is shown; a BotError was written for people. */
function isForPeople({ code }: BotError): boolean {
  return code !== 'unexpected';
}

export function failed(error: BotError, key: string): Message {
  const told = isForPeople(error);
  return message('bad', 'This did not work because of an error in the bot', {
    lines: [...(told ? [[error.message]] : []), ...(told && error.hint !== null ? [[error.hint]] : [])],
    facts: [{ label: 'Code', value: [{ code: error.code }] }],
    footer: ['Look in the log for ', { code: key }, '. ', { code: '/dhash status' }, ' shows what is true now.'],
  });
}

export function unreadable(key: string): Message {
  return message('warn', 'dhash did not understand this', {
    lines: [['The button or command is not one that this version of the bot knows. Nothing was done.']],
    footer: ['Type ', { code: '/dhash status' }, ' for what is true now. In the log: ', { code: key }],
  });
}

export function noDialog({ verb, request, environment }: Pick<DialogClick, 'verb' | 'request' | 'environment'>): Message {
  const instead = verb === 'reject' ? `/dhash reject ${request} REASON` : `/dhash report ${environment} WHAT YOU SEE`;
  return message('warn', 'The dialog could not be opened', {
    lines: [['Nothing was done. Type instead: ', { code: instead }]],
  });
}
