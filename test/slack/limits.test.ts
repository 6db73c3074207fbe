// The validator that other tests lean on must itself be able to say no.

import { describe, expect, it } from 'vitest';
import { blockErrors, markupErrors, viewErrors } from '../support/slack/limits.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const button = { type: 'button', action_id: 'a', text: plain('Go'), value: 'v' };

describe('the stand-in for Slack’s validator', () => {
  it.each<[string, unknown]>([
    ['must be less than 151 characters', { type: 'header', text: plain('x'.repeat(151)) }],
    ['must be more than 0 characters', { type: 'section', text: mrkdwn('') }],
    ['must be less than 3001 characters', { type: 'section', text: mrkdwn('x'.repeat(3_001)) }],
    ['must define either', { type: 'section' }],
    ['no more than 10 items', { type: 'section', fields: Array.from({ length: 11 }, () => mrkdwn('x')) }],
    ['must be less than 2001 characters', { type: 'section', fields: [mrkdwn('x'.repeat(2_001))] }],
    ['no more than 25 items', { type: 'actions', elements: Array.from({ length: 26 }, () => button) }],
    ['must be less than 76 characters', { type: 'actions', elements: [{ ...button, text: plain('x'.repeat(76)) }] }],
    ['must be less than 2001 characters', { type: 'actions', elements: [{ ...button, value: 'x'.repeat(2_001) }] }],
    ['must be one of primary, danger', { type: 'actions', elements: [{ ...button, style: 'plain' }] }],
    [
      'must be less than 31 characters',
      {
        type: 'actions',
        elements: [{ ...button, confirm: { title: plain('t'), text: plain('t'), confirm: plain('x'.repeat(31)), deny: plain('n') } }],
      },
    ],
    ['unescaped bracket', { type: 'section', text: mrkdwn('<!channel>') }],
    ['unescaped ampersand', { type: 'section', text: mrkdwn('a & b') }],
    ['half a surrogate pair', { type: 'header', text: plain('\ud83d') }],
    ['unsupported type', { type: 'sections' }],
    ['additional property', { type: 'divider', text: plain('x') }],
  ])('says "%s"', (error, block) => {
    expect(blockErrors([block]).join('\n')).toContain(error);
  });

  it('counts blocks', () => {
    expect(blockErrors(Array.from({ length: 51 }, () => ({ type: 'divider' })))).toHaveLength(1);
    expect(blockErrors(Array.from({ length: 50 }, () => ({ type: 'divider' })))).toEqual([]);
  });

  it('refuses a modal with a long title, and markup that is cut in the middle', () => {
    expect(viewErrors({ type: 'modal', title: plain('x'.repeat(25)), blocks: [] })).not.toEqual([]);
    expect(markupErrors('v1 &am')).not.toEqual([]);
    expect(markupErrors('<!date^1^{date}|x')).not.toEqual([]);
  });
});
