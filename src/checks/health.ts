// What an answer of the health path says: is it there, how fast, and which version is it.

import type { HttpAnswer } from '../core/ports.ts';
import type { Sample } from '../core/sample.ts';

// A port that refuses, hangs or breaks off is not healthy; only where we did not ask at all nobody knows.
export function healthOf(
  answer: HttpAnswer,
  versionField: string,
  missing: Record<string, string>,
): Pick<Sample, 'healthy' | 'version' | 'probeMs'> {
  if (answer.kind === 'failed') {
    const asked = answer.code !== 'aborted' && answer.code !== 'bad-url';
    missing[asked ? 'version' : 'healthy'] = `${answer.code}: ${answer.detail}`;
    return { healthy: asked ? false : null, version: null, probeMs: null };
  }
  const healthy = answer.status >= 200 && answer.status < 300;
  const version = versionIn(answer.body, versionField);
  if (version === null) missing['version'] = `the answer has no field ${versionField}`;
  if (!healthy) missing['version'] = `health answered ${answer.status}`;
  return { healthy, version: healthy ? version : null, probeMs: answer.ms };
}

function versionIn(body: string, field: string): string | null {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return null;
    const version: unknown = Object.entries(parsed).find(([name]) => name === field)?.[1];
    return typeof version === 'string' && version !== '' ? version : null;
  } catch {
    return null;
  }
}
