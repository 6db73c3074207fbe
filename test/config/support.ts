// A complete dhash.yml as data, and loading it from memory.

import { stringify } from 'yaml';
import { type Loaded, loadConfig } from '../../src/config/load.ts';
import { BotError } from '../../src/core/error.ts';

export const GATES = JSON.stringify({
  quality_gates: {
    audio: { lufs_tolerance: 1, true_peak_tolerance: 1, units: 'dB' },
    video: { ssim_threshold: 0.995, frame_rate_tolerance: 0.1, resolution_exact: '1920x1080' },
    performance: { response_time_max: 200, error_rate_max: 0.1, cpu_usage_max: 70, memory_usage_max: 80 },
    monitoring: { check_interval: 30, failure_threshold: 3, recovery_threshold: 5 },
  },
});

/** The least that loads. */
export function minimal() {
  return {
    service: 'mobius-dhash',
    slack: { channel: 'C0OPS' } as Record<string, unknown>,
    environments: {
      production: {
        root: './srv',
        source: { git: '/srv/git/mobius.git' } as Record<string, unknown>,
        service: { start: ['node', 'server.js'], ports: { blue: 9101, green: 9102 } } as Record<string, unknown>,
      } as Record<string, unknown>,
    } as Record<string, Record<string, unknown>>,
  };
}

type Tree = { [key: string]: unknown };

/** The minimal file with one value set at "environments.production.proxy.listen"; undefined takes it out. */
export function withValue(path: string, value: unknown): string {
  const file: Tree = structuredClone(minimal());
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let section = file;
  for (const key of keys) {
    const next = section[key];
    const inner: Tree = typeof next === 'object' && next !== null ? (next as Tree) : {};
    section[key] = inner;
    section = inner;
  }
  if (value === undefined) delete section[last];
  else section[last] = value;
  return stringify(file);
}

export function load(
  yml: string,
  { env = {}, gates = GATES }: { env?: Record<string, string>; gates?: string | null } = {},
): Promise<Loaded> {
  return loadConfig({
    path: '/etc/dhash/dhash.yml',
    readText: async (path) => (path === '/etc/dhash/dhash.yml' ? yml : path === '/etc/dhash/quality-gates.json' ? gates : null),
    env,
    isValidCron: (expression) => !expression.includes('61'),
  });
}

/** The lines of the refusal; fails when the file loads. */
export async function problems(yml: string, options: Parameters<typeof load>[1] = {}): Promise<readonly string[]> {
  const refusal = await load(yml, options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(refusal instanceof BotError)) throw new Error(`expected a refusal, got ${String(refusal)}`);
  if (refusal.code !== 'config-invalid') throw new Error(`expected config-invalid, got ${refusal.code}`);
  return refusal.message
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
}
