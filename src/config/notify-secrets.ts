// The secrets of the outward channels. A channel without its variable is off; a variable that cannot be meant stops the start.

import type { Problem } from './problems.ts';
import { isPlaceholder, type Secrets } from './secrets.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Names the variable and what to write, never its value. */
export function notifySecretProblems(secrets: Pick<Secrets, 'smtpUrl' | 'teamsWebhookUrl' | 'pagerdutyRoutingKey'>): readonly Problem[] {
  const faults = [
    ['SMTP_URL', secrets.smtpUrl === null ? null : smtpFault(secrets.smtpUrl), 'smtps://user:password@host:465 or smtp://host:587'],
    [
      'TEAMS_WEBHOOK_URL',
      secrets.teamsWebhookUrl === null ? null : webhookFault(secrets.teamsWebhookUrl),
      'the https:// address that Teams gave',
    ],
    [
      'PAGERDUTY_ROUTING_KEY',
      secrets.pagerdutyRoutingKey === null ? null : keyFault(secrets.pagerdutyRoutingKey),
      'the 32 characters of an Events API v2 integration (Service -> Integrations)',
    ],
  ] as const;
  return faults.flatMap(([path, fault, write]) => (fault === null ? [] : [{ path, message: `${fault}, write ${write}`, line: null }]));
}

/** Everything that must never be seen: each secret whole, and the password and tokens inside an address. */
export function secretValues(secrets: Secrets): readonly string[] {
  return [...Object.values(secrets).filter((secret) => secret !== null), ...secretParts(secrets)];
}

function secretParts({ smtpUrl, teamsWebhookUrl }: Pick<Secrets, 'smtpUrl' | 'teamsWebhookUrl'>): readonly string[] {
  const smtp = smtpUrl === null ? null : URL.parse(smtpUrl);
  const teams = teamsWebhookUrl === null ? null : URL.parse(teamsWebhookUrl);
  return [
    ...(smtp === null ? [] : [smtp.password, decoded(smtp.password)]),
    ...(teams === null ? [] : [`${teams.pathname}${teams.search}`, ...teams.searchParams.getAll('sig')]),
  ].filter((part) => part.length >= 4);
}

function smtpFault(value: string): string | null {
  const url = URL.parse(value);
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') return 'is not an smtp:// or smtps:// address';
  const parts = [url.hostname, url.username, url.password].map(decoded);
  return parts.some((part) => part !== '' && isPlaceholder(part)) || /(^|\.)example\.(com|org|net)$/.test(url.hostname)
    ? 'is still a placeholder'
    : null;
}

function webhookFault(value: string): string | null {
  const url = URL.parse(value);
  if (isPlaceholder(value)) return 'is still a placeholder';
  if (url === null || (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.has(url.hostname))))
    return 'is not an https:// address';
  return /(^|\.)example\.(com|org|net)$/.test(url.hostname) ? 'is still a placeholder' : null;
}

function keyFault(value: string): string | null {
  if (isPlaceholder(value)) return 'is still a placeholder';
  return /^[A-Za-z0-9]{32}$/.test(value) ? null : 'is not a routing key';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
