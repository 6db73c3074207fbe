// The built-in proxy: a program of its own, started by the bot and outliving it. SIGTERM lets it finish what is open.
//   node src/host/proxy-main.ts --environment production --host 127.0.0.1 --port 8080 --socket FILE --state FILE

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Log } from '../../core/ports.ts';
import { errnoOf } from '../errno.ts';
import { writeDurably } from '../files.ts';
import { createLog } from '../log.ts';
import { createRedactor } from '../redact.ts';
import { createControl, isControlled, listenControl } from './proxy-control.ts';
import { createFront, type Front } from './proxy-front.ts';
import { EXIT, ROUTES, type RoutesState } from './proxy-protocol.ts';
import { createRoutes, NO_ROUTES } from './proxy-routes.ts';
import { shortSocketPath } from './proxy-socket.ts';
import { createTally, type Tally } from './proxy-tally.ts';

const FINISH_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 50;

const log = createLog({ level: 'info', redact: createRedactor([]), destination: process.stdout });

try {
  await main(readArguments(process.argv.slice(2)), log);
} catch (error) {
  log.error({ error }, 'The proxy cannot start');
  process.exit(errnoOf(error) === 'EADDRINUSE' ? EXIT.portTaken : EXIT.failed);
}

interface Arguments {
  readonly environment: string;
  readonly host: string;
  readonly port: number;
  readonly socket: string;
  readonly state: string;
}

async function main({ environment, host, port, socket, state }: Arguments, log: Log): Promise<void> {
  // What is written here is for the owner alone, the control socket above all.
  process.umask(0o077);
  const control = shortSocketPath(socket);
  if (await isControlled(control.path)) {
    log.warn({ environment }, 'Another proxy of this environment runs; this one ends');
    process.exit(EXIT.otherRuns);
  }

  const routes = createRoutes(await readState(state), (next) => writeDurably(state, `${JSON.stringify(next)}\n`));
  const tally = createTally();
  const front = createFront({ routes, tally, log });
  front.server.listen(port, host);
  await once(front.server, 'listening');

  const server = createControl({
    status: () => ({ environment, pid: process.pid, listen: { host, port }, routes: routes.state(), ...tally.read() }),
    switchTo: async (target) => {
      const before = routes.target();
      await routes.switchTo(target);
      log.info({ environment, from: before, to: target }, 'New requests go to another slot');
    },
  });
  process.umask(0o177);
  await listenControl(server, control.path);
  process.umask(0o077);
  log.info({ environment, host, port, pid: process.pid, target: routes.target() }, 'The proxy is up');

  const finish = () => {
    // First the control socket: the next proxy may take its name from here on.
    server.close();
    void closeDown(front, tally, log);
  };
  process.once('SIGTERM', finish);
  process.once('SIGINT', finish);
  process.on('SIGHUP', () => {});
  // One broken connection must not end the others: what is shared between them is one small immutable value.
  process.on('uncaughtException', (error) => log.error({ error }, 'The proxy met an error that it did not expect; it goes on'));
}

/** Throws for a file that is no state: guessing which slot is live would be worse than not starting. */
async function readState(path: string): Promise<RoutesState> {
  try {
    return ROUTES.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return NO_ROUTES;
    throw error;
  }
}

async function closeDown(front: Front, tally: Tally, log: Log): Promise<void> {
  front.close();
  const end = performance.now() + FINISH_WITHIN_MS;
  while (!tally.isIdle() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  log.info({ ...tally.read() }, 'The proxy ends');
  process.exit(0);
}

function readArguments(argv: readonly string[]): Arguments {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...argv], options: { environment: text, host: text, port: text, socket: text, state: text } });
  const { environment, host, port, socket, state } = values;
  if (environment === undefined || host === undefined || socket === undefined || state === undefined || !/^\d+$/.test(port ?? '')) {
    throw new TypeError('Expected --environment, --host, --port, --socket and --state');
  }
  return { environment, host, port: Number(port), socket, state };
}
