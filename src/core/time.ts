// Instants and durations as plain numbers, so they store as INTEGER and compare with `<`.

/** Milliseconds since the Unix epoch, UTC. */
export type Instant = number;

/** A length of time in milliseconds. */
export type DurationMs = number;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** "30s", "1h30m", "0m" -> milliseconds; null when it is not a duration (a bare number has no unit, so it is not one). */
export function parseDuration(text: string): DurationMs | null {
  if (!/^(\d+(ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  return Number.isSafeInteger(total) ? total : null;
}

/** 90_000 -> "1m 30s"; two units at most, as people say it. */
export function formatDuration(ms: DurationMs): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = Math.round(ms / 1_000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}

/** 2026-11-23T14:05:09Z: the form used in reports, markers and file contents. */
export function formatUtc(at: Instant): string {
  const { year, month, day, hour, minute, second } = utcParts(at);
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}

/** 20261123_140509: fixed width, so names sort by age. */
export function formatUtcCompact(at: Instant): string {
  const { year, month, day, hour, minute, second } = utcParts(at);
  return `${year}${month}${day}_${hour}${minute}${second}`;
}

// Civil-from-days (Howard Hinnant's algorithm): pure arithmetic, so the inner folders need no Date.
function utcParts(at: Instant): Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', string> {
  const days = Math.floor(at / 86_400_000);
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1_460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  const pad = (value: number, width = 2) => String(value).padStart(width, '0');
  const secondOfDay = Math.floor((at - days * 86_400_000) / 1_000);
  return {
    year: pad(yoe + era * 400 + (month <= 2 ? 1 : 0), 4),
    month: pad(month),
    day: pad(doy - Math.floor((153 * mp + 2) / 5) + 1),
    hour: pad(Math.floor(secondOfDay / 3_600)),
    minute: pad(Math.floor(secondOfDay / 60) % 60),
    second: pad(secondOfDay % 60),
  };
}
