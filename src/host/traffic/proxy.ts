// The built-in proxy, as the bot sees it.

import { readFile } from 'node:fs/promises';
import type { Environment } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import type { Clock } from '../../core/ports.ts';
import type { Slot } from '../../core/slot.ts';
import { errnoOf } from '../errno.ts';
import type { Redact } from '../redact.ts';
import { waitFor } from '../slots/supervise-wait.ts';
import { askStatus, askSwitch, type ControlAnswer } from './proxy-client.ts';
import { launchProxy } from './proxy-launch.ts';
import { type ProxyStatus, proxyPaths, ROUTES } from './proxy-protocol.ts';
import { DRAIN_LOOK_MS, type TrafficBackend } from './traffic-backend.ts';

interface Options {
  readonly dataDir: string;
  /** What the proxy process gets as its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly redact: Redact;
}

export function createBuiltinTraffic(options: Options): TrafficBackend {
  const { dataDir, clock } = options;
  const pathsOf = (environment: Environment) => proxyPaths(dataDir, environment.name);

  const ensure = async (environment: Environment): Promise<void> => {
    const paths = pathsOf(environment);
    const listen = listenOf(environment);
    if ((await askStatus(paths.socket)).kind === 'absent') await launchProxy({ ...options, environment, listen, paths });
    refuseElsewhere(environment, needStatus(environment, await askStatus(paths.socket)));
  };

  return {
    ensure,

    active: async (environment) => {
      const answer = await askStatus(pathsOf(environment).socket);
      return answer.kind === 'absent' ? keptActive(environment, pathsOf(environment).state) : needStatus(environment, answer).routes.active;
    },

    switchTo: async (environment, slot) => {
      await ensure(environment);
      const target = { slot, port: environment.service.ports[slot] };
      const answer = await askSwitch(pathsOf(environment).socket, target);
      const routes = answer.kind === 'status' ? answer.status.routes : null;
      if (routes?.active !== slot || routes.ports[slot] !== target.port) throw notSwitched(environment, slot, answer);
    },

    drain: async (environment, slot, signal) => {
      let left: number | null = null;
      const look = async (): Promise<true | null> => {
        const answer = await askStatus(pathsOf(environment).socket);
        left = answer.kind === 'status' ? answer.status.slots[slot].requests + answer.status.slots[slot].upgrades : null;
        return left === 0 || answer.kind === 'absent' ? true : null;
      };
      await waitFor({ clock, withinMs: environment.service.drain, everyMs: DRAIN_LOOK_MS, signal }, look);
      return { left };
    },
  };
}

function listenOf({ proxy }: Environment): { readonly host: string; readonly port: number } {
  return { host: proxy.host, port: proxy.listen };
}

/** A dead proxy comes back with what it kept, so that is what it sends to. */
async function keptActive(environment: Environment, path: string): Promise<Slot | null> {
  try {
    return ROUTES.parse(JSON.parse(await readFile(path, 'utf8'))).active;
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return null;
    throw unreadableState(environment, path, cause);
  }
}

function unreadableState(environment: Environment, path: string, cause: unknown): BotError {
  return new BotError({
    code: 'proxy-state-unreadable',
    message: `Which slot of ${environment.name} is live cannot be read from ${path}`,
    hint: `Look at it: ls -l ${path}; cat ${path}. It holds {"active": "blue" or "green", "ports": {...}}.`,
    cause,
  });
}

function needStatus(environment: Environment, answer: ControlAnswer): ProxyStatus {
  if (answer.kind === 'status') return answer.status;
  throw new BotError({
    code: 'proxy-not-answering',
    message: `The proxy of ${environment.name} does not answer on its control socket: ${answer.kind === 'absent' ? 'it ended' : answer.detail}`,
    hint: `Read its log: logs/proxy-${environment.name}.log in the data folder. Public traffic may still be served.`,
  });
}

function refuseElsewhere(environment: Environment, { listen, pid }: ProxyStatus): void {
  const wanted = listenOf(environment);
  if (listen.host === wanted.host && listen.port === wanted.port) return;
  throw new BotError({
    code: 'proxy-elsewhere',
    message: `The proxy of ${environment.name} (pid ${pid}) listens on ${listen.host}:${listen.port}, the configuration says ${wanted.host}:${wanted.port}`,
    hint: `When the old address may go: kill ${pid}, then try again; the next proxy takes the new one.`,
  });
}

function notSwitched(environment: Environment, slot: Slot, answer: ControlAnswer): BotError {
  const why =
    answer.kind === 'failed' ? answer.detail : answer.kind === 'absent' ? 'it ended' : `it sends to ${answer.status.routes.active}`;
  return new BotError({
    code: 'proxy-reload-failed',
    message: `The proxy of ${environment.name} did not switch to ${slot}: ${why}`,
    hint: `Read its log: logs/proxy-${environment.name}.log in the data folder.`,
  });
}
