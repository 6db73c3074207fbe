// Which slot the public port is served from, and what the public sees.

import type { Environment } from '../../core/config.ts';
import type { Clock, Commands, Http, Traffic } from '../../core/ports.ts';
import type { Redact } from '../redact.ts';
import { createNginxTraffic } from './nginx.ts';
import { createProber } from './prober.ts';
import { createBuiltinTraffic } from './proxy.ts';
import type { TrafficBackend } from './traffic-backend.ts';
import { judgeReadiness, readinessUrl } from './traffic-version.ts';

export interface TrafficOptions {
  readonly dataDir: string;
  /** The bot's environment; the built-in proxy gets a few harmless names of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly http: Http;
  readonly redact: Redact;
  /** Runs nginx's reload. */
  readonly run: Commands['run'];
}

const ANSWER_MS = 5_000;
const PROXY_ENV = ['PATH', 'TZ', 'LANG', 'NODE_COMPILE_CACHE'];

/** Throws, beside what the port says: `port-in-use`, `proxy-not-started`, `proxy-not-answering`, `proxy-elsewhere`, `proxy-unknown-upstream`. */
export function createTraffic(options: TrafficOptions): Traffic {
  const { dataDir, clock, http, redact, run } = options;
  const prober = createProber({ clock, http });
  const versionAt = async (environment: Environment, base: string): Promise<string | null> => {
    const answer = await http.get(readinessUrl(base, environment), { timeoutMs: ANSWER_MS });
    const readiness = judgeReadiness(answer, environment.service.ready.versionField, redact);
    return readiness.kind === 'version' ? readiness.version : null;
  };
  const builtin = createBuiltinTraffic({ dataDir, env: pick(options.env, PROXY_ENV), clock, redact });
  const nginx = createNginxTraffic({ run, clock, http, publicUrl, versionAt });
  const backendOf = ({ proxy }: Environment): TrafficBackend => (proxy.kind === 'builtin' ? builtin : nginx);

  return {
    publicUrl,
    ensure: (environment) => backendOf(environment).ensure(environment),
    active: (environment) => backendOf(environment).active(environment),
    switchTo: (environment, slot) => backendOf(environment).switchTo(environment, slot),
    drain: (environment, slot, signal) => backendOf(environment).drain(environment, slot, signal),
    version: (environment) => versionAt(environment, publicUrl(environment)),
    startProbe: (environment, key) => prober.start(key, readinessUrl(publicUrl(environment), environment)),
    markProbe: prober.mark,
    readProbe: prober.read,
    stopProbe: prober.stop,
  };
}

/** A listener on every address is asked on the loopback one. */
function publicUrl({ proxy }: Environment): string {
  const host = proxy.host === '0.0.0.0' ? '127.0.0.1' : proxy.host === '::' ? '::1' : proxy.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${proxy.listen}`;
}

function pick(env: Readonly<Record<string, string | undefined>>, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
