// A real mail server on loopback that behaves as badly as the test says.

import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { SMTPServer } from 'smtp-server';

export type Mood = 'well' | 'drops-after-data' | 'refuses-recipient' | 'greylists' | 'refuses-data';

export interface MailServer {
  readonly url: string;
  /** Whole messages, as they came over the wire but for folded headers. */
  readonly received: { readonly to: string; readonly raw: string }[];
  /** What came over the wire and was taken, though no answer was given. */
  readonly unanswered: string[];
  be: (mood: Mood) => void;
  readonly stop: () => Promise<void>;
}

export async function mailServer(port = 0): Promise<MailServer> {
  let mood: Mood = 'well';
  const received: { to: string; raw: string }[] = [];
  const unanswered: string[] = [];
  const sockets = new Set<Socket>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    onRcptTo: (_address, _session, done) => {
      if (mood === 'refuses-recipient') return done(saying(550, 'no such user'));
      if (mood === 'greylists') return done(saying(451, 'greylisted, come again later'));
      done();
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks)
          .toString('utf8')
          .replaceAll(/\r\n[ \t]+/g, ' ');
        if (mood === 'refuses-data') return done(saying(552, 'too large'));
        if (mood === 'drops-after-data') {
          unanswered.push(raw);
          for (const socket of sockets) socket.destroy();
          return;
        }
        received.push({ to: session.envelope.rcptTo.map(({ address }) => address).join(','), raw });
        done();
      });
    },
  });
  server.on('error', () => {});
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${portOf(server.server.address())}`,
    received,
    unanswered,
    be: (next) => {
      mood = next;
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Takes the connection and never says a word. */
export async function silentServer(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${portOf(server.address())}`,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function saying(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode });
}

export function portOf(address: unknown): number {
  if (typeof address === 'object' && address !== null && 'port' in address && typeof address.port === 'number') return address.port;
  throw new Error('the server does not listen');
}
