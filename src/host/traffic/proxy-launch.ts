// Starts the built-in proxy and waits until it answers.

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import type { Clock } from '../../core/ports.ts';
import { PRIVATE } from '../files.ts';
import { makeFolder } from '../make-folder.ts';
import type { Redact } from '../redact.ts';
import { prepareLog, readTail } from '../slots/slots-log.ts';
import { type Ended, launchDetached } from '../slots/supervise-launch.ts';
import { waitFor } from '../slots/supervise-wait.ts';
import { askStatus, type ControlAnswer } from './proxy-client.ts';
import { EXIT, type ProxyPaths } from './proxy-protocol.ts';
import { listenerOn, sayListener } from './traffic-sockets.ts';

export interface ProxyLaunch {
  readonly environment: Environment;
  readonly listen: { readonly host: string; readonly port: number };
  readonly paths: ProxyPaths;
  readonly dataDir: string;
  /** All of its environment: it needs no secret, so it gets none. */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly redact: Redact;
}

const UP_WITHIN_MS = 10_000;
// When another bot starts the proxy in the same moment, ours ends and the other one answers shortly.
const OTHER_WITHIN_MS = 1_500;
const LOOK_EVERY_MS = 50;

/** Throws BotError `port-in-use` when a stranger has the public port, `proxy-not-started` with the log's tail for anything else. */
export async function launchProxy(launch: ProxyLaunch): Promise<void> {
  const { paths, clock } = launch;
  makeFolder(dirname(paths.socket), PRIVATE.folder);
  const logOffset = await prepareLog(paths.log);
  const main = fileURLToPath(new URL('./proxy-main.ts', import.meta.url));
  const { ended } = await launchDetached({
    argv: [process.execPath, main, ...describeArguments(launch)],
    cwd: launch.dataDir,
    env: launch.env,
    logPath: paths.log,
  });

  let how: Ended | null = null;
  void ended.then((end) => {
    how = end;
  });
  const up = await waitFor({ clock, withinMs: UP_WITHIN_MS, everyMs: LOOK_EVERY_MS }, async () => (await answered(paths)) ?? how);
  if (up !== null && 'kind' in up) return;
  if (how !== null && (await waitFor({ clock, withinMs: OTHER_WITHIN_MS, everyMs: LOOK_EVERY_MS }, () => answered(paths))) !== null) return;
  throw await notStarted(launch, how, await readTail(paths.log, logOffset, launch.redact));
}

function describeArguments({ environment, listen, paths }: ProxyLaunch): readonly string[] {
  return [
    ...['--environment', environment.name, '--host', listen.host, '--port', String(listen.port)],
    ...['--socket', paths.socket, '--state', paths.state],
  ];
}

async function answered(paths: ProxyPaths): Promise<ControlAnswer | null> {
  const answer = await askStatus(paths.socket);
  return answer.kind === 'status' ? answer : null;
}

async function notStarted({ environment, listen, paths }: ProxyLaunch, how: Ended | null, tail: readonly string[]): Promise<BotError> {
  if (how?.code === EXIT.portTaken) {
    const listener = await listenerOn(listen.port);
    return new BotError({
      code: 'port-in-use',
      message: `The public port ${listen.port} of ${environment.name} is taken${listener === null ? '' : ` by ${sayListener(listener)}`}, which is not our proxy`,
      hint: `See what it is: ss -ltnp 'sport = :${listen.port}'. End it, or change proxy.listen in dhash.yml.`,
      tail,
    });
  }
  return new BotError({
    code: 'proxy-not-started',
    message: `The proxy of ${environment.name} did not come up${how === null ? '' : ` (exit code ${how.code ?? how.signal})`}`,
    hint: `Read its log: ${paths.log}`,
    tail,
  });
}
