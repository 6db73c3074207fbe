import type { Environment } from '../../core/config.ts';
import type { SlotStatus } from '../../core/ports.ts';
import type { Slot } from '../../core/slot.ts';
import type { DurationMs } from '../../core/time.ts';

export interface SlotStart {
  readonly environment: Environment;
  readonly slot: Slot;
  readonly release: string;
  readonly tag: string;
}

/** One way to run the service in a slot. */
export interface SlotBackend {
  readonly status: (environment: Environment, slot: Slot) => Promise<SlotStatus>;
  /** Into a slot where nothing runs. */
  readonly start: (start: SlotStart) => Promise<void>;
  readonly stop: (environment: Environment, slot: Slot) => Promise<void>;
  readonly boundLogs: (environment: Environment) => Promise<void>;
  /** How often it may be asked for its status while somebody waits. */
  readonly lookEveryMs: DurationMs;
}
