// Notes when the phases of one request end, from the events of its socket.

import type { EventEmitter } from 'node:events';
import type { Phases } from '../core/phases.ts';
import type { DurationMs } from '../core/time.ts';

export interface PhaseWatch {
  /** The answer's head is here. */
  readonly answered: () => void;
  readonly read: () => Phases;
}

export function watchPhases(request: EventEmitter, now: () => DurationMs): PhaseWatch {
  const startedAt = now();
  const at: { dns?: DurationMs; connect?: DurationMs; tls?: DurationMs; firstByte?: DurationMs } = {};
  request.once('socket', (socket: EventEmitter) => {
    socket.once('lookup', () => {
      at.dns = now();
    });
    socket.once('connect', () => {
      at.connect = now();
    });
    socket.once('secureConnect', () => {
      at.tls = now();
    });
  });
  const between = (from: DurationMs, to: DurationMs | undefined): DurationMs | null =>
    to === undefined ? null : Math.round(Math.max(0, to - from) * 10) / 10;
  return {
    answered: () => {
      at.firstByte = now();
    },
    read: () => {
      const { dns, connect, tls, firstByte } = at;
      return {
        dnsMs: between(startedAt, dns),
        connectMs: between(dns ?? startedAt, connect),
        tlsMs: connect === undefined ? null : between(connect, tls),
        firstByteMs: connect === undefined ? null : between(tls ?? connect, firstByte),
      };
    },
  };
}
