// Who listens on a port, and how many connections it has, as the kernel tells it (/proc/net/tcp).

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { errnoOf } from '../errno.ts';

export interface Listener {
  /** Null when it belongs to another user, whose open files we may not see. */
  readonly pid: number | null;
  /** Name of its program; null as above. */
  readonly program: string | null;
}

/** Who listens on this port of the loopback address (or of every address); null = nobody. */
export async function listenerOn(port: number): Promise<Listener | null> {
  const listening = (await readSockets()).find(
    (socket) => socket.state === LISTEN && socket.port === port && REACHED_BY_LOOPBACK.has(socket.address),
  );
  return listening === undefined ? null : ownerOf(listening.inode);
}

/** Established connections whose local end is this port: what a service on this host still has open. */
export async function countEstablished(port: number): Promise<number> {
  return (await readSockets()).filter((socket) => socket.state === ESTABLISHED && socket.port === port).length;
}

/** "pid 4711 (nginx)", for messages. */
export function sayListener({ pid, program }: Listener): string {
  return pid === null ? "another user's process" : `pid ${pid}${program === null ? '' : ` (${program})`}`;
}

interface TcpSocket {
  readonly address: string;
  readonly port: number;
  readonly state: string;
  readonly inode: string;
}

const ESTABLISHED = '01';
const LISTEN = '0A';

// As the kernel prints addresses on a little-endian machine: 127.0.0.1, 0.0.0.0, ::, ::1 and ::ffff:127.0.0.1.
const REACHED_BY_LOOPBACK = new Set([
  '0100007F',
  '00000000',
  '0'.repeat(32),
  `${'0'.repeat(24)}01000000`,
  `${'0'.repeat(16)}FFFF00000100007F`,
]);

async function readSockets(): Promise<readonly TcpSocket[]> {
  const tables = await Promise.all([readFile('/proc/net/tcp', 'latin1'), readFile('/proc/net/tcp6', 'latin1').catch(noneWithoutIpv6)]);
  return tables.flatMap((table) => table.split('\n').slice(1).flatMap(parseSocket));
}

function noneWithoutIpv6(error: unknown): string {
  if (errnoOf(error) === 'ENOENT') return '';
  throw error;
}

// sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
function parseSocket(line: string): readonly TcpSocket[] {
  const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
  const [address, port] = local.split(':');
  if (address === undefined || port === undefined || state === undefined || inode === undefined) return [];
  return [{ address, port: Number.parseInt(port, 16), state, inode }];
}

function ownerOf(inode: string): Listener {
  const pid = readdirSync('/proc').find((name) => /^[1-9]\d*$/.test(name) && hasSocket(name, inode));
  if (pid === undefined) return { pid: null, program: null };
  return { pid: Number(pid), program: orNull(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()) };
}

function hasSocket(pid: string, inode: string): boolean {
  const files = orNull(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return files.some((file) => orNull(() => readlinkSync(`/proc/${pid}/fd/${file}`)) === `socket:[${inode}]`);
}

// It ended meanwhile, or belongs to somebody else: then it cannot be told, which is an answer.
function orNull<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}
