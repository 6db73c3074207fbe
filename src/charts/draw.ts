// Charts drawn in a thread that is started for one of them and ends with it: the idle bot loads nothing of it, and its loop is never held up.

import { Worker } from 'node:worker_threads';
import type { Charts } from '../core/chart.ts';
import { BotError } from '../core/error.ts';
import type { DrawOrder } from './worker.ts';

const LONGEST_MS = 60_000;
// What a thread took is not all given back to the system: with a small young generation it takes, and the bot keeps, a third of it.
const BARE = { execArgv: [], env: {}, resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 128 } };

/** One at a time, so that the host that is being watched keeps its processors. Throws BotError `chart-not-drawn`. */
export function createCharts(): Charts {
  let last: Promise<unknown> = Promise.resolve();
  const draw = (order: DrawOrder): Promise<unknown> => {
    const drawn = last.then(() => drawOne(order));
    last = drawn.catch(() => {});
    return drawn;
  };
  return {
    svg: async (facts, theme, prefix) => {
      const svg = await draw({ facts, theme, prefix, as: 'svg' });
      if (typeof svg !== 'string') throw notDrawn('the answer is no SVG', null);
      return svg;
    },
    png: async (facts) => {
      const png = await draw({ facts, theme: 'light', prefix: 'c', as: 'png' });
      if (!(png instanceof Uint8Array)) throw notDrawn('the answer is no PNG', null);
      return png;
    },
  };
}

async function drawOne(order: DrawOrder): Promise<unknown> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: order, ...BARE });
  const late = setTimeout(() => void worker.terminate(), LONGEST_MS);
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (cause) => reject(notDrawn(cause instanceof Error ? cause.message : String(cause), cause)));
      worker.once('exit', () => reject(notDrawn('the thread ended without an answer', null)));
    });
  } finally {
    clearTimeout(late);
    await worker.terminate();
  }
}

function notDrawn(why: string, cause: unknown): BotError {
  return new BotError({
    code: 'chart-not-drawn',
    message: `A chart could not be drawn: ${why}`,
    hint: 'The story goes on without it. Is @resvg/resvg-js installed for this machine? Try: npm ci',
    cause,
  });
}
