// What a failure of a program probably comes from.

type CauseKind =
  | 'port-in-use'
  | 'disk-full'
  | 'read-only'
  | 'out-of-memory'
  | 'missing-variable'
  | 'git-auth'
  | 'git-redirect'
  | 'git-owner'
  | 'git-repository'
  | 'dns'
  | 'refused'
  | 'network-timeout'
  | 'network'
  | 'certificate'
  | 'missing-script'
  | 'lockfile'
  | 'engine'
  | 'missing-module'
  | 'program-not-found'
  | 'permission-denied'
  | 'missing-file'
  | 'syntax'
  | 'killed';

export interface Cause {
  readonly kind: CauseKind;
  /** "Port 9101 is already in use." */
  readonly cause: string;
  /** The next thing to type or do. */
  readonly next: string;
}
