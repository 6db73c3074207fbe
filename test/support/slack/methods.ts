// The methods that a deploy bot may call: who may, how often, with which arguments.

import { history, postEphemeral, postMessage, replies, updateMessage } from './chat.ts';
import { completeUpload, reserveUpload } from './files.ts';
import { groupMembers } from './groups.ts';
import type { Tier } from './rates.ts';
import { openView, publishView } from './views.ts';
import { type Answer, type Args, no, type Workspace } from './workspace.ts';

export interface Method {
  readonly tier: Tier;
  readonly scopes: readonly string[];
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Methods that write take a JSON body as well; those that read see nothing in it. */
  readonly json: boolean;
  readonly run: (space: Workspace, args: Args) => Answer;
}

const WORDS = ['text', 'blocks', 'parse'];
const PAGE = ['cursor', 'include_all_metadata', 'inclusive', 'latest', 'limit', 'oldest'];

const METHODS: Readonly<Record<string, Method>> = {
  'auth.test': {
    tier: 'special',
    scopes: [],
    required: [],
    optional: [],
    json: true,
    run: () => ({ ok: true, team_id: 'T0TEAM', user_id: 'U0BOT', bot_id: 'B0BOT' }),
  },
  'chat.postMessage': {
    tier: 'special',
    scopes: ['chat:write'],
    required: ['channel'],
    optional: [...WORDS, 'metadata', 'reply_broadcast', 'thread_ts', 'unfurl_links', 'unfurl_media'],
    json: true,
    run: postMessage,
  },
  'chat.update': {
    tier: 'three',
    scopes: ['chat:write'],
    required: ['channel', 'ts'],
    optional: [...WORDS, 'metadata'],
    json: true,
    run: updateMessage,
  },
  'chat.postEphemeral': {
    tier: 'four',
    scopes: ['chat:write'],
    required: ['channel', 'user'],
    optional: [...WORDS, 'thread_ts'],
    json: true,
    run: postEphemeral,
  },
  'conversations.history': {
    tier: 'three',
    scopes: ['channels:history'],
    required: ['channel'],
    optional: PAGE,
    json: false,
    run: history,
  },
  'conversations.replies': {
    tier: 'three',
    scopes: ['channels:history'],
    required: ['channel', 'ts'],
    optional: PAGE,
    json: false,
    run: replies,
  },
  'usergroups.users.list': {
    tier: 'two',
    scopes: ['usergroups:read'],
    required: ['usergroup'],
    optional: ['include_disabled', 'team_id'],
    json: false,
    run: groupMembers,
  },
  'views.open': {
    tier: 'four',
    scopes: [],
    required: ['trigger_id', 'view'],
    optional: [],
    json: true,
    run: openView,
  },
  'views.publish': {
    tier: 'four',
    scopes: [],
    required: ['user_id', 'view'],
    optional: ['hash'],
    json: true,
    run: publishView,
  },
  'files.getUploadURLExternal': {
    tier: 'four',
    scopes: ['files:write'],
    required: ['filename', 'length'],
    // Slack's documents say alt_txt, its own SDK alt_text.
    optional: ['alt_text', 'alt_txt', 'snippet_type'],
    json: false,
    run: reserveUpload,
  },
  'files.completeUploadExternal': {
    tier: 'four',
    scopes: ['files:write'],
    required: ['files'],
    optional: ['blocks', 'channel_id', 'channels', 'initial_comment', 'thread_ts'],
    json: true,
    run: completeUpload,
  },
};

export const ALL_SCOPES: readonly string[] = Object.values(METHODS).flatMap(({ scopes }) => scopes);

export function methodOf(name: string): Method | null {
  return Object.hasOwn(METHODS, name) ? (METHODS[name] ?? null) : null;
}

/** Runs one method. The answer is Slack's JSON body. */
export function runMethod(space: Workspace, method: Method, args: Args): Answer {
  const missing = method.scopes.find((scope) => !space.scopes.has(scope));
  if (missing !== undefined) return { ...no('missing_scope'), needed: missing, provided: [...space.scopes].join(',') };
  // Every method also takes the token as an argument; Bolt's own first call sends it so.
  const known = ['token', ...method.required, ...method.optional];
  const wrong = [
    ...method.required.filter((name) => args[name] === undefined).map((name) => `missing required field: ${name}`),
    ...Object.keys(args)
      .filter((name) => !known.includes(name))
      .map((name) => `unknown argument: ${name}`),
  ];
  return wrong.length === 0 ? method.run(space, args) : no('invalid_arguments', wrong);
}
