// Work that is done side by side and taken in order, with a bound on what waits.

export interface InOrder {
  /** Starts waiting for `work`; `take` gets its result after every earlier one was taken. Resolves when there is room for more. */
  readonly push: <T>(work: Promise<T>, bytes: number, take: (result: T) => void) => Promise<void>;
  readonly drain: () => Promise<void>;
}

export function createInOrder(limit: { readonly works: number; readonly bytes: number }): InOrder {
  const waiting: { readonly bytes: number; readonly settle: () => Promise<void> }[] = [];
  let held = 0;

  return {
    push: async (work, bytes, take) => {
      // Its failure is met when its turn comes; until then nobody else may stumble over it.
      work.catch(() => undefined);
      waiting.push({ bytes, settle: async () => take(await work) });
      held += bytes;
      while (waiting.length > limit.works || (held > limit.bytes && waiting.length > 1)) await settleFirst();
    },
    drain: async () => {
      while (waiting.length > 0) await settleFirst();
    },
  };

  async function settleFirst(): Promise<void> {
    const first = waiting.shift();
    if (first === undefined) return;
    held -= first.bytes;
    await first.settle();
  }
}
