// Charts drawn in a process that is started for one of them and ends with it: its memory goes back to the system, and the bot's loop is never held up.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Charts } from '../core/chart.ts';
import { BotError } from '../core/error.ts';
import type { DrawOrder } from './worker.ts';

const LONGEST_MS = 60_000;
const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));

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
  const cache = getCompileCacheDir();
  const env = cache === undefined ? {} : { NODE_COMPILE_CACHE: cache };
  const child = fork(WORKER, { execArgv: [], env, serialization: 'advanced', stdio: 'ignore' });
  const gone = once(child, 'exit').catch(() => {});
  const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  try {
    return await new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('error', (cause) => reject(notDrawn(cause.message, cause)));
      child.once('exit', (code, signal) => reject(notDrawn(`its process ended without an answer (${signal ?? code})`, null)));
      child.send(order);
    });
  } finally {
    clearTimeout(late);
    child.kill('SIGKILL');
    await gone;
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
