// The HTTP form of manifest.yml: the same app with request URLs instead of Socket Mode.

import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { BotError } from '../core/error.ts';
import { SLACK_PATH } from './http.ts';

const socketManifest = z.looseObject({
  features: z.looseObject({ slash_commands: z.array(z.looseObject({ command: z.string() })) }),
  settings: z.looseObject({
    interactivity: z.looseObject({ is_enabled: z.boolean() }),
    event_subscriptions: z.looseObject({ bot_events: z.array(z.string()) }),
  }),
});

/** `url` is the public base address, e.g. `https://ops.example.com`. Throws BotError `manifest-url` unless it is https. */
export function httpManifest(yamlText: string, url: string): string {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
    throw new BotError({
      code: 'manifest-url',
      message: `"${url}" is not an https URL.`,
      hint: 'Slack posts only to https, e.g. https://ops.example.com',
    });
  }
  const request_url = new URL(SLACK_PATH, url).href;
  const manifest = socketManifest.parse(parse(yamlText));
  return stringify({
    ...manifest,
    features: {
      ...manifest.features,
      slash_commands: manifest.features.slash_commands.map((command) => ({ ...command, url: request_url })),
    },
    settings: {
      ...manifest.settings,
      event_subscriptions: { request_url, ...manifest.settings.event_subscriptions },
      interactivity: { ...manifest.settings.interactivity, request_url },
      socket_mode_enabled: false,
    },
  });
}
