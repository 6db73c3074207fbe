// Pictures with hashes known by thinking, and PNG files made of them.

import { crc32, deflateSync } from 'node:zlib';

/** A gray picture as PGM, brightness by place. */
export function pgm(width: number, height: number, gray: (x: number, y: number) => number): Buffer {
  return Buffer.concat([Buffer.from(`P5\n# a comment\n${width} ${height}\n255\n`), pixels(width, height, 1, gray)]);
}

/** The same with `channels` equal bytes a pixel (alpha full), as PNG whose rows use filters 0 to 4 in turn. */
export function png(width: number, height: number, channels: 1 | 2 | 3 | 4, gray: (x: number, y: number) => number): Buffer {
  const color = { 1: 0, 2: 4, 3: 2, 4: 6 }[channels];
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, color], 8);
  const data = deflateSync(filtered(pixels(width, height, channels, gray), width * channels, channels));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', data.subarray(0, 20)),
    chunk('IDAT', data.subarray(20)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function pixels(width: number, height: number, channels: number, gray: (x: number, y: number) => number): Buffer {
  const out = Buffer.alloc(width * height * channels);
  for (let at = 0; at < out.length; at += 1) {
    const pixel = Math.floor(at / channels);
    const isAlpha = channels % 2 === 0 && at % channels === channels - 1;
    out[at] = isAlpha ? 255 : gray(pixel % width, Math.floor(pixel / width));
  }
  return out;
}

function filtered(raw: Buffer, stride: number, step: number): Buffer {
  const at = (y: number, x: number) => (x < 0 || y < 0 ? 0 : (raw[y * stride + x] ?? 0));
  const rows = Array.from({ length: raw.length / stride }, (_, y) => {
    const filter = y % 5;
    const bytes = Array.from({ length: stride }, (_, x) => {
      const [left, up, corner] = [at(y, x - step), at(y - 1, x), at(y - 1, x - step)];
      const guess = [0, left, up, Math.floor((left + up) / 2), x < step ? up : nearest(left, up, corner)][filter] ?? 0;
      return (at(y, x) - guess) & 0xff;
    });
    return Buffer.from([filter, ...bytes]);
  });
  return Buffer.concat(rows);
}

function nearest(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value));
  if (a === undefined || b === undefined || c === undefined) return left;
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function chunk(kind: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), content]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(content.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
