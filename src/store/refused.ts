import type { Committed } from '../core/store.ts';

/** Why a commit wrote nothing. */
export type Refused = Exclude<Committed, { kind: 'committed' }>;
