// What a check of the checklist may look at.

import type { Evidence } from '../core/check.ts';
import type { Config, Environment } from '../core/config.ts';
import type { Ports } from '../core/ports.ts';
import type { Approval } from '../core/request.ts';
import type { StoreReader } from '../core/store.ts';
import type { Instant } from '../core/time.ts';

export interface CheckContext {
  readonly environment: Environment;
  readonly config: Pick<Config, 'github' | 'notify' | 'people' | 'premerge' | 'qualityGates'>;
  readonly store: Pick<StoreReader, 'backups' | 'liveDeployment'>;
  readonly ports: Pick<Ports, 'clock' | 'commands' | 'files' | 'gauges' | 'github' | 'groups' | 'http' | 'media'> & {
    readonly releases: Pick<Ports['releases'], 'changedFiles'>;
  };
  readonly now: Instant;
  readonly request: {
    readonly tag: string;
    readonly commit: string;
    /** Who asked, as a Slack user id: that person fills no seat. */
    readonly by?: string;
    readonly approvals?: readonly Approval[];
  };
}

/** Gathers its facts through ports and judges them; whatever it throws becomes an `error` answer. */
export type Check = (context: CheckContext, signal: AbortSignal) => Promise<Omit<Evidence, 'check'>>;
