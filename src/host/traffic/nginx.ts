// nginx as the proxy: an upstream file of ours and a reload.

import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import type { Environment, ProxyConfig } from '../../core/config.ts';
import { asBotError, BotError } from '../../core/error.ts';
import type { Clock, Commands, Http } from '../../core/ports.ts';
import type { Slot } from '../../core/slot.ts';
import { errnoOf } from '../errno.ts';
import { writeDurably } from '../files.ts';
import { waitFor } from '../slots/supervise-wait.ts';
import { upstreamPort, upstreamText } from './nginx-upstream.ts';
import { DRAIN_LOOK_MS, type TrafficBackend } from './traffic-backend.ts';
import { countEstablished } from './traffic-sockets.ts';

type NginxConfig = Extract<ProxyConfig, { kind: 'nginx' }>;

interface Options {
  readonly run: Commands['run'];
  readonly clock: Clock;
  readonly http: Http;
  readonly publicUrl: (environment: Environment) => string;
  /** The version that a base address answers on its readiness path. */
  readonly versionAt: (environment: Environment, base: string) => Promise<string | null>;
}

const RELOAD_MS = 30_000;
const ANSWER_MS = 5_000;
// `nginx -s reload` returns before the new workers are up, and for 100 ms old and new ones take connections side by side: only a row of
// answers, half a second long, shows that the old ones have stopped. What takes longer than SETTLE_MS is for the observing step to judge.
const SETTLE_MS = 5_000;
const PROOFS = 10;

export function createNginxTraffic(options: Options): TrafficBackend {
  const { run, clock, http } = options;

  const reload = async (environment: Environment, config: NginxConfig): Promise<void> => {
    const key = `nginx-${environment.name}-${randomBytes(4).toString('hex')}`;
    const signal = new AbortController().signal;
    await run({ argv: config.reload, cwd: '/', env: {}, timeoutMs: RELOAD_MS, signal, onLine: () => {}, key });
  };

  /** Puts the old file back and has nginx read it, so that what runs is what the file says. Answers how that went, in words. */
  const putBack = async (environment: Environment, config: NginxConfig, old: string | null): Promise<string> => {
    if (old === null) await rm(config.upstreamFile, { force: true });
    else await writeDurably(config.upstreamFile, old);
    return reload(environment, config).then(
      () => 'the old file is back and loaded',
      () => 'the old file is back, but loading it failed too; nginx goes on with what it had',
    );
  };

  const settle = async (environment: Environment, wanted: string | null): Promise<void> => {
    let proofs = 0;
    await waitFor({ clock, withinMs: SETTLE_MS, everyMs: DRAIN_LOOK_MS }, async () => {
      const seen = await options.versionAt(environment, options.publicUrl(environment));
      proofs = seen === wanted ? proofs + 1 : 0;
      return proofs === PROOFS ? true : null;
    });
  };

  return {
    ensure: async (environment) => {
      const url = options.publicUrl(environment);
      const answer = await http.get(`${url}/`, { timeoutMs: ANSWER_MS });
      if (answer.kind === 'answered' || answer.code === 'too-large') return;
      throw notAnswering(environment, configOf(environment), url, answer.code);
    },

    active: async (environment) => {
      const { upstreamFile } = configOf(environment);
      const text = await readOrNull(upstreamFile);
      return text === null ? null : slotOf(environment, upstreamFile, text);
    },

    switchTo: async (environment, slot) => {
      const config = configOf(environment);
      const port = environment.service.ports[slot];
      const old = await readOrNull(config.upstreamFile);
      await writeDurably(config.upstreamFile, upstreamText(config.upstream, port));
      await reload(environment, config).catch(async (error: unknown) => {
        throw notReloaded(environment, slot, error, await putBack(environment, config, old));
      });
      await settle(environment, await options.versionAt(environment, `http://127.0.0.1:${port}`));
    },

    drain: async (environment, slot, signal) => {
      const port = environment.service.ports[slot];
      let left = await countEstablished(port);
      const look = async (): Promise<true | null> => {
        left = await countEstablished(port);
        return left === 0 ? true : null;
      };
      await waitFor({ clock, withinMs: environment.service.drain, everyMs: DRAIN_LOOK_MS, signal }, look);
      return { left };
    },
  };
}

function configOf({ name, proxy }: Environment): NginxConfig {
  if (proxy.kind === 'nginx') return proxy;
  throw new BotError({ code: 'not-nginx', message: `The proxy of ${name} is not nginx`, hint: null });
}

/** An upstream that is neither slot was put there by hand: to call it "none" would be a lie. */
function slotOf({ name, service }: Environment, path: string, text: string): Slot {
  const port = upstreamPort(text);
  if (port === service.ports.blue) return 'blue';
  if (port === service.ports.green) return 'green';
  throw new BotError({
    code: 'proxy-unknown-upstream',
    message: `${path} sends to ${port === null ? 'no port' : `port ${port}`}, which is no slot of ${name} (blue ${service.ports.blue}, green ${service.ports.green})`,
    hint: `Put the live slot's port there and reload nginx: cat ${path}`,
  });
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function notAnswering(environment: Environment, config: NginxConfig, url: string, code: string): BotError {
  return new BotError({
    code: 'proxy-not-answering',
    message: `Nothing answers on the public port of ${environment.name}: ${url} ${code}`,
    hint: `Start nginx (systemctl status nginx; nginx -t). It must include ${config.upstreamFile}, which holds: ${upstreamText(config.upstream, environment.service.ports.blue).split('\n').slice(1).join(' ').replaceAll(/\s+/g, ' ').trim()}`,
  });
}

function notReloaded(environment: Environment, slot: Slot, cause: unknown, back: string): BotError {
  const { message, hint, tail } = asBotError(cause);
  const said = tail.slice(-3).join(' | ');
  return new BotError({
    code: 'proxy-reload-failed',
    message: `nginx of ${environment.name} did not take ${slot}: ${message}${said === '' ? '' : `: ${said}`}; ${back}`,
    hint: hint ?? 'Try it by hand: nginx -t',
    cause,
    tail,
  });
}
