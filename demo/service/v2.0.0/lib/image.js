// Bytes of a PNG, PGM or PPM -> { width, height, gray }, gray one byte a pixel.

import { bad } from './bad.js';
import { decodePng } from './png.js';

const MAX_PIXELS = 16_000_000;

export function decode(bytes) {
  const { width, height, channels, pixels } = isPng(bytes) ? decodePng(bytes, MAX_PIXELS) : decodePnm(bytes);
  return { width, height, gray: toGray(pixels, width * height, channels) };
}

function isPng(bytes) {
  return bytes.length > 8 && bytes.readUInt32BE(0) === 0x89504e47;
}

function decodePnm(bytes) {
  const header = /^(P5|P6)\s+(?:#[^\n]*\n\s*)*(\d{1,6})\s+(\d{1,6})\s+255\s/.exec(bytes.toString('latin1', 0, 512));
  if (header === null) throw bad('expected a PNG, a PGM (P5) or a PPM (P6) with 8 bits a channel');
  const [start, kind] = header;
  const [width, height] = [Number(header[2]), Number(header[3])];
  const channels = kind === 'P5' ? 1 : 3;
  if (width * height === 0 || width * height > MAX_PIXELS) throw bad(`expected 1 to ${MAX_PIXELS} pixels, got ${width} x ${height}`);
  const pixels = bytes.subarray(start.length);
  if (pixels.length < width * height * channels) throw bad('the image ends early');
  return { width, height, channels, pixels };
}

// Alpha is left out: a hash looks at the picture, not at what lies under it.
function toGray(pixels, count, channels) {
  if (channels === 1) return pixels.subarray(0, count);
  const gray = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) {
    const at = index * channels;
    gray[index] = channels === 2 ? pixels[at] : Math.round((pixels[at] * 299 + pixels[at + 1] * 587 + pixels[at + 2] * 114) / 1000);
  }
  return gray;
}
