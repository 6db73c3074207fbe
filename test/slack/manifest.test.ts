import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { httpManifest } from '../../src/slack/manifest.ts';

const ROOT = new URL('../../', import.meta.url);
const yaml = readFileSync(new URL('manifest.yml', ROOT), 'utf8');
const sources = readdirSync(new URL('src/slack/', ROOT)).map((file) => readFileSync(new URL(`src/slack/${file}`, ROOT), 'utf8'));

const text = (min: number, max: number) => z.string().min(min).max(max);
const requestUrl = text(1, 3_000).regex(/^https?:\/\//);

/** Slack's manifest schema, version 2, for the parts that this app may use. */
const schema = z.strictObject({
  _metadata: z.strictObject({ major_version: z.int(), minor_version: z.int() }),
  display_information: z.strictObject({
    name: text(1, 35),
    description: text(1, 140),
    long_description: text(175, 4_000),
    background_color: z.string().regex(/^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$/),
  }),
  features: z.strictObject({
    app_home: z.strictObject({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.boolean(),
      messages_tab_read_only_enabled: z.boolean(),
    }),
    bot_user: z.strictObject({ display_name: text(1, 80).regex(/^[a-z0-9._-]+$/), always_online: z.boolean() }),
    slash_commands: z
      .array(
        z.strictObject({
          command: text(2, 32).regex(/^\//),
          description: text(1, 2_000),
          usage_hint: text(1, 1_000),
          should_escape: z.literal(true),
          url: requestUrl.optional(),
        }),
      )
      .min(1)
      .max(50),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(text(1, 50)).max(255) }) }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ request_url: requestUrl.optional(), bot_events: z.array(text(1, 60)).min(1).max(100) }),
    interactivity: z.strictObject({ is_enabled: z.literal(true), request_url: requestUrl.optional() }),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
  }),
});

/** Which bot scopes a method needs. */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'files.getUploadURLExternal': ['files:write'],
  'files.completeUploadExternal': ['files:write'],
  'usergroups.users.list': ['usergroups:read'],
  'views.open': [],
  'views.publish': [],
};

describe('manifest.yml', () => {
  const manifest = schema.parse(parse(yaml));

  it('describes a Socket Mode app with the command and no URL', () => {
    expect(manifest.settings.socket_mode_enabled).toBe(true);
    expect(manifest.features.slash_commands.map(({ command, url }) => [command, url])).toEqual([['/dhash', undefined]]);
    expect(manifest.settings.interactivity.request_url).toBeUndefined();
    expect(manifest.settings.event_subscriptions.request_url).toBeUndefined();
  });

  it('has a Home tab, and is told of exactly the events that the source listens to', () => {
    expect(manifest.features.app_home.home_tab_enabled).toBe(true);
    const heard = sources.flatMap((source) => [...source.matchAll(/app\.event\('(\w+)'/g)].map(([, name]) => name));
    expect(manifest.settings.event_subscriptions.bot_events).toEqual(heard);
  });

  it('asks for exactly the scopes of the methods that the source calls', () => {
    const called = new Set(
      sources.flatMap((source) => [...source.matchAll(/\bclient\.((?:\w+\.)+\w+)\(/g)].map(([, method]) => method ?? '')),
    );
    expect([...called].filter((method) => SCOPES[method] === undefined)).toEqual([]);
    expect(called.size).toBe(Object.keys(SCOPES).length);
    const needed = new Set(['commands', ...[...called].flatMap((method) => SCOPES[method] ?? [])]);
    expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...needed].sort());
  });
});

describe('the HTTP form', () => {
  it('has the request URL everywhere and no Socket Mode', () => {
    const manifest = schema.parse(parse(httpManifest(yaml, 'https://ops.example.com/')));
    const url = 'https://ops.example.com/slack/events';
    const subscribed = { request_url: url, bot_events: ['app_home_opened'] };
    expect(manifest.settings).toMatchObject({
      socket_mode_enabled: false,
      interactivity: { request_url: url },
      event_subscriptions: subscribed,
    });
    expect(manifest.features.slash_commands[0]?.url).toBe(url);
    expect(manifest.oauth_config).toEqual(schema.parse(parse(yaml)).oauth_config);
  });

  it.each(['http://ops.example.com', 'ops.example.com', ''])('is refused for %j', (url) => {
    expect(() => httpManifest(yaml, url)).toThrow('is not an https URL');
  });
});
