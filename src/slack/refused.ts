// What each of Slack's refusals means for an entry of the outbox.

export type Refused =
  /** Something an operator can mend: invite the bot, renew the token, add a scope. The entry waits, and so does the story behind it. */
  | 'mendable'
  /** The blocks: try it as text. */
  | 'blocks'
  /** The message or thread it belongs to was deleted. */
  | 'gone'
  /** This entry will never be taken. */
  | 'permanent'
  /** Not in the table. */
  | 'unknown';

const CODES: Readonly<Record<Exclude<Refused, 'unknown'>, readonly string[]>> = {
  mendable: [
    'access_denied',
    'accesslimited',
    'account_inactive',
    'channel_is_limited_access',
    'channel_not_found',
    'ekm_access_denied',
    'enterprise_is_restricted',
    'invalid_auth',
    'is_archived',
    'missing_scope',
    'no_permission',
    'not_allowed_token_type',
    'not_authed',
    'not_in_channel',
    'org_login_required',
    'restricted_action',
    'restricted_action_non_threadable_channel',
    'restricted_action_read_only_channel',
    'restricted_action_thread_locked',
    'restricted_action_thread_only_channel',
    'team_access_not_granted',
    'team_added_to_org',
    'token_expired',
    'token_revoked',
    'two_factor_setup_required',
  ],
  blocks: ['block_mismatch', 'invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long'],
  gone: ['cannot_reply_to_message', 'message_not_found', 'thread_not_found'],
  permanent: [
    'cant_update_message',
    'edit_window_closed',
    'invalid_arguments',
    'invalid_metadata_format',
    'invalid_metadata_schema',
    'is_inactive',
    'metadata_too_large',
    'msg_too_long',
    'no_text',
    'user_not_in_channel',
  ],
};

const MEANING = new Map(Object.entries(CODES).flatMap(([meaning, codes]) => codes.map((code) => [code, meaning])));

export function refusalOf(code: string): Refused {
  const meaning = MEANING.get(code);
  return meaning === 'mendable' || meaning === 'blocks' || meaning === 'gone' || meaning === 'permanent' ? meaning : 'unknown';
}
