// A Slack workspace as plain data: what people would see, and what Slack remembers to refuse things by.

import type { Clock } from '../../../src/core/ports.ts';
import type { Upload } from './files.ts';
import { createResponseUrls, type ResponseUrls } from './response-urls.ts';
import { createTriggers, type Triggers } from './triggers.ts';
import { type Unverified, USUAL } from './unverified.ts';

export interface SlackMessage {
  readonly ts: string;
  readonly key: string | null;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly thread: string | null;
  readonly broadcast: boolean;
  readonly edits: number;
  /** The person who wrote it; absent = the bot. */
  readonly by?: string;
  readonly files?: readonly { readonly id: string; readonly title: string }[];
}

export interface Ephemeral {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
}

export interface Workspace {
  readonly clock: Clock;
  readonly unverified: Unverified;
  readonly channels: Map<string, SlackMessage[]>;
  readonly ephemerals: Ephemeral[];
  /** Person -> their App Home as it stands, and how often it was published. */
  readonly homes: Map<string, { readonly view: unknown; readonly times: number }>;
  readonly views: { readonly id: string; readonly trigger: string; readonly view: unknown }[];
  /** A list, or the error code that Slack gives for the group. */
  readonly groups: Map<string, readonly string[] | string>;
  readonly scopes: Set<string>;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
  /** Channels that the bot is not in, that are archived, and people who are in no channel. */
  readonly notIn: Set<string>;
  readonly archived: Set<string>;
  readonly outsiders: Set<string>;
  readonly uploads: Map<string, Upload>;
  /** What the token has become: an error code that every call answers, or null. */
  token: string | null;
  /** Most messages in one page of a history: small by default, so that every look-up of an older message needs several. */
  pageSize: number;
  /** The time stamp of the next message, later than all before. */
  readonly nextTs: () => string;
  /** What a bot should never do. Tests expect none. */
  readonly violations: string[];
  /** Where the workspace can be reached. */
  base: string;
}

export type Args = Readonly<Record<string, unknown>>;
export type Answer = Readonly<Record<string, unknown>>;

export function newWorkspace(clock: Clock, scopes: Iterable<string>, unverified: Partial<Unverified> = {}): Workspace {
  let last = 0;
  return {
    clock,
    unverified: { ...USUAL, ...unverified },
    channels: new Map([['C0OPS', []]]),
    ephemerals: [],
    homes: new Map(),
    views: [],
    groups: new Map(),
    scopes: new Set(scopes),
    triggers: createTriggers(clock.now),
    responseUrls: createResponseUrls(clock.now),
    notIn: new Set(),
    archived: new Set(),
    outsiders: new Set(),
    uploads: new Map(),
    token: null,
    pageSize: 3,
    nextTs: () => {
      // In millionths of a second: two messages of one millisecond still differ.
      last = Math.max(last + 1, clock.now() * 1_000);
      return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, '0')}`;
    },
    violations: [],
    base: '',
  };
}

export function no(error: string, why: readonly string[] = []): Answer {
  return why.length === 0 ? { ok: false, error } : { ok: false, error, errors: why, response_metadata: { messages: why.map(asError) } };
}

function asError(why: string): string {
  return `[ERROR] ${why}`;
}

/** A nested argument: JSON in a form, itself in a JSON body. undefined = broken. */
export function nested(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

export function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

export function words(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
