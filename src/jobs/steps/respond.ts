// What follows from a judgement of the watch. It is saved together with the look that found it.

import type { WatchEvent } from '../../checks/breach.ts';
import type { NewEvent, RollbackOffer } from '../../core/event.ts';
import type { StepContext } from '../../core/job.ts';
import type { Change } from '../../core/store.ts';

export interface Response {
  readonly changes: readonly Change[];
  readonly events: readonly NewEvent[];
}

/** Asked at every look, also where nothing new was found: what waits may have come due. */
export async function respond(_context: StepContext, _found: readonly WatchEvent[], _offer: RollbackOffer | null): Promise<Response> {
  return { changes: [], events: [] };
}
