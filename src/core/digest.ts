// What approvals are bound to. When any part moves, they are void, and the parts say which one it was.

import { createHash } from 'node:crypto';
import type { Evidence } from './check.ts';
import type { Environment, QualityGates } from './config.ts';
import { canonicalJson, type Json } from './json.ts';

export interface DigestParts {
  readonly environment: string;
  readonly tag: string;
  readonly commit: string;
  /** Hash over the environment's section and the quality gates. */
  readonly config: string;
  /** "backup:pass placeholders:pass": answers only, so that a detail with an age in it voids nothing. */
  readonly checklist: string;
}

export function digestParts(about: {
  readonly environment: Environment;
  readonly qualityGates: QualityGates;
  readonly tag: string;
  readonly commit: string;
  readonly evidence: readonly Evidence[];
}): DigestParts {
  const { environment, qualityGates, tag, commit, evidence } = about;
  const config: unknown = { environment, qualityGates };
  return {
    environment: environment.name,
    tag,
    commit,
    // Config is plain frozen data, which is what Json means.
    config: sha256(canonicalJson(config as Json)).slice(0, 12),
    checklist: evidence.map(({ check, result }) => `${check}:${result.kind}`).join(' '),
  };
}

export function digestOf(parts: DigestParts): string {
  return sha256(canonicalJson({ ...parts })).slice(0, 16);
}

/** Which parts moved between two moments, for people. */
export function moved(
  from: DigestParts,
  to: DigestParts,
): readonly { readonly what: string; readonly from: string; readonly to: string }[] {
  const keys: readonly (keyof DigestParts)[] = ['environment', 'tag', 'commit', 'config', 'checklist'];
  return keys.filter((key) => from[key] !== to[key]).map((key) => ({ what: key, from: from[key], to: to[key] }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
