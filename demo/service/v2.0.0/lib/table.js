// The worker table: how many requests may be inside at a time, and whose turn it is.

/** `enter` throws a 503 when all places are taken; `turn` runs one job at a time, with room for other answers in between. */
export function createTable(places) {
  let taken = 0;
  let last = Promise.resolve();
  return {
    isFull: () => taken >= places,
    enter: () => {
      if (taken >= places) throw Object.assign(new Error(`all ${places} workers are busy`), { status: 503 });
      taken += 1;
      return () => {
        taken -= 1;
      };
    },
    turn: (job) => {
      const mine = last.then(() => new Promise((resolve) => setImmediate(resolve))).then(job);
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
