// What the bot and the proxy say to each other over the control socket, and where that socket and the proxy's files are.

import { join } from 'node:path';
import { z } from 'zod';

const SLOT = z.enum(['blue', 'green']);
const PORT = z.int().min(1).max(65_535);
const OPEN = z.strictObject({ requests: z.int().min(0), upgrades: z.int().min(0) });

/** Kept on disk: which slot is active, and the port last told for each. */
export const ROUTES = z.strictObject({
  active: SLOT.nullable(),
  ports: z.strictObject({ blue: PORT.nullable(), green: PORT.nullable() }),
});
export type RoutesState = z.infer<typeof ROUTES>;

/** POST /switch */
export const SWITCH = z.strictObject({ slot: SLOT, port: PORT });

/** GET /status, and the answer to a switch. Counts are since the proxy started, `slots` is what is open now. More than this is no error: bot and proxy may be of different releases. */
export const STATUS = z.object({
  environment: z.string(),
  pid: z.int(),
  listen: z.strictObject({ host: z.string(), port: z.int() }),
  routes: ROUTES,
  slots: z.strictObject({ blue: OPEN, green: OPEN }),
  totals: z.strictObject({ requests: z.int(), upgrades: z.int(), failed: z.int() }),
});
export type ProxyStatus = z.infer<typeof STATUS>;

/** Exit codes by which a starting proxy says why it did not stay. */
export const EXIT = { portTaken: 98, otherRuns: 97, failed: 1 } as const;

export interface ProxyPaths {
  readonly socket: string;
  readonly state: string;
  readonly log: string;
}

export function proxyPaths(dataDir: string, environment: string): ProxyPaths {
  const name = `proxy-${environment}`;
  return {
    socket: join(dataDir, 'run', `${name}.sock`),
    state: join(dataDir, 'run', `${name}.json`),
    log: join(dataDir, 'logs', `${name}.log`),
  };
}
