import type { Traffic } from '../../core/ports.ts';

/** One kind of proxy. */
export type TrafficBackend = Pick<Traffic, 'ensure' | 'active' | 'switchTo' | 'drain'>;

export const DRAIN_LOOK_MS = 50;
