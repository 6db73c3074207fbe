// PNG with 8 bits a channel, gray or RGB, with or without alpha, not interlaced. Palettes are not pictures we get.

import { inflateSync } from 'node:zlib';
import { bad } from './bad.js';

const CHANNELS = { 0: 1, 2: 3, 4: 2, 6: 4 };

export function decodePng(bytes, maxPixels) {
  const { header, data } = chunks(bytes);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, color, interlace] = [header[8], header[9], header[12]];
  const channels = CHANNELS[color];
  if (depth !== 8 || channels === undefined || interlace !== 0) throw bad('expected a PNG with 8-bit gray or RGB, not interlaced');
  if (width * height === 0 || width * height > maxPixels) throw bad(`expected 1 to ${maxPixels} pixels, got ${width} x ${height}`);
  const stride = width * channels;
  return { width, height, channels, pixels: unfilter(inflate(data, (stride + 1) * height), height, stride, channels) };
}

function chunks(bytes) {
  let header = null;
  const data = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const kind = bytes.toString('latin1', at + 4, at + 8);
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (content.length < length) break;
    if (kind === 'IHDR') header = content;
    if (kind === 'IDAT') data.push(content);
    if (kind === 'IEND') break;
    at += 12 + length;
  }
  if (header === null || header.length !== 13 || data.length === 0) throw bad('the PNG has no picture in it');
  return { header, data: Buffer.concat(data) };
}

function inflate(data, size) {
  try {
    const raw = inflateSync(data, { maxOutputLength: size });
    if (raw.length === size) return raw;
  } catch (error) {
    throw Object.assign(bad('the PNG cannot be unpacked'), { cause: error });
  }
  throw bad('the PNG ends early');
}

function unfilter(raw, height, stride, channels) {
  const pixels = new Uint8Array(height * stride);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x >= channels ? pixels[at - channels] : 0;
      const up = y > 0 ? pixels[at - stride] : 0;
      const corner = x >= channels && y > 0 ? pixels[at - stride - channels] : 0;
      pixels[at] = raw[y * (stride + 1) + 1 + x] + predict(filter, left, up, corner);
    }
  }
  return pixels;
}

function predict(filter, left, up, corner) {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, corner);
    default:
      throw bad(`unknown PNG filter ${filter}`);
  }
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
