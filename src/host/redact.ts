// Takes secrets out of text before it is shown, stored or logged.

export type Redact = (text: string) => string;

const HIDDEN = '[redacted]';
// Shorter values stand in ordinary words; hiding them would hide the message.
const SHORTEST_SECRET = 4;

const KEYWORD = 'SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?';

// No pattern starts with a repetition: each line stays linear, however hostile its text.
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Slack: bot, user, app, refresh and configuration tokens; incoming webhooks.
  [/\b(?:xoxe\.)?xox[a-z]-[A-Za-z0-9-]{6,}/g, HIDDEN],
  [/\bxapp-[A-Za-z0-9-]{6,}/g, HIDDEN],
  [/(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[^\s"'<>]+/g, `$1${HIDDEN}`],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,})/g, HIDDEN],
  [/\b(authorization["']?[ \t]{0,4}[:=][ \t]{0,4}["']?)(?:(?:basic|bearer|token|digest|negotiate)[ \t]+)?[^\s"',;]+/gi, `$1${HIDDEN}`],
  [/\b(bearer[ \t]+)[\w.~+/=-]{8,}/gi, `$1${HIDDEN}`],
  // user:password@ in any address, and user@ in http ones, where the user alone may be the token.
  [/(:\/\/)[^\s/:@"'<>]{0,256}:[^\s/"'<>]{0,1024}@/g, `$1${HIDDEN}@`],
  [/\b(https?:\/\/)[^\s/:"'<>]{1,1024}@/gi, `$1${HIDDEN}@`],
  [new RegExp(`((?:${KEYWORD})[A-Z0-9_]{0,40}=)("[^"]*"|'[^']*'|[^\\s"',;&]+)`, 'gi'), `$1${HIDDEN}`],
  [new RegExp(`((?:${KEYWORD})[A-Z0-9_]{0,40}\\\\?["'][ \\t]{0,4}:[ \\t]{0,4})(\\\\?"[^"\\\\]*\\\\?"|'[^']*')`, 'gi'), `$1"${HIDDEN}"`],
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, HIDDEN],
];

/** Hides the given values wherever they stand (also URL-encoded, JSON-escaped, or line by line when they have several) and what looks like a secret. */
export function createRedactor(secrets: readonly string[]): Redact {
  const values = [...new Set(secrets.flatMap(spellings))].filter((value) => value.length >= SHORTEST_SECRET);
  // The longest first, so that a secret that contains another goes as a whole.
  values.sort((one, other) => other.length - one.length);
  const exact = values.length === 0 ? null : new RegExp(values.map(escapePattern).join('|'), 'g');

  return (text) => {
    let clean = exact === null ? text : text.replace(exact, HIDDEN);
    for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
    return clean;
  };
}

/** The same for every text in plain data. */
export function redactTexts(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactTexts(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, redactTexts(held, redact)]));
}

/** True when a field of this name holds a secret whatever its value looks like. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

const SECRET_NAME = new RegExp(`(?:${KEYWORD}|^authorization)$`, 'i');

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function spellings(secret: string): readonly string[] {
  return [secret, ...secret.split(/\r?\n/)].flatMap((line) => {
    const value = line.trim();
    return [value, encodeURIComponent(value.toWellFormed()), JSON.stringify(value).slice(1, -1)];
  });
}
