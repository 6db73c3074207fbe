// Bolt's and the SDK's own log lines, kept out unless they warn, and never with what a request held.

import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../core/ports.ts';

/** Debug and info lines of the SDK hold payloads and are dropped; warnings and errors are kept short and without tokens. */
export function sdkLogger(log: Log): Logger {
  return {
    debug: () => {},
    info: () => {},
    warn: (...words) => log.warn({ from: 'slack-sdk', detail: sentence(words) }, 'The Slack SDK warns.'),
    error: (...words) => log.warn({ from: 'slack-sdk', detail: sentence(words) }, 'The Slack SDK reports an error; the bot handles it.'),
    setLevel: () => {},
    setName: () => {},
    getLevel: () => LogLevel.WARN,
  };
}

function sentence(words: readonly unknown[]): string {
  const text = words.map((word) => (word instanceof Error ? word.message : typeof word === 'string' ? word : typeof word)).join(' ');
  return redactTokens(text).slice(0, 300);
}

/** Tokens, socket tickets and response URLs, wherever they stand in a text. */
export function redactTokens(text: string): string {
  return text
    .replace(/\bx(ox[a-z]|app)-[\w-]+/gi, '[token]')
    .replace(/([?&]ticket=)[^&\s"]+/gi, '$1[ticket]')
    .replace(/https:\/\/hooks\.slack\.com\/\S+/gi, '[response url]');
}
