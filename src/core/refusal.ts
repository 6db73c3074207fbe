// A "no" with a stable reason and a hint. Every reason stands in docs/reasons.md; a test keeps the two equal.

export const REASONS = [
  'already_decided',
  'already_live',
  'approval_void',
  'backup_missing',
  'backup_unverified',
  'checklist_failed',
  'environment_locked',
  'expired',
  'membership_unknown',
  'no_alert',
  'no_live_release',
  'not_entitled',
  'not_live_anymore',
  'not_locked',
  'nothing_to_cancel',
  'own_request',
  'rolled_back_before',
  'too_late_to_cancel',
  'too_old',
  'unknown_backup',
  'unknown_command',
  'unknown_environment',
  'unknown_request',
  'unknown_tag',
  'usage',
  'wrong_channel',
] as const;

export type Reason = (typeof REASONS)[number];

export interface Refusal {
  readonly kind: 'refused';
  readonly reason: Reason;
  /** One sentence for a person: what, which values. */
  readonly message: string;
  /** The next thing to type or press. */
  readonly hint: string | null;
}

export function refuse(reason: Reason, message: string, hint: string | null = null): Refusal {
  return { kind: 'refused', reason, message, hint };
}
