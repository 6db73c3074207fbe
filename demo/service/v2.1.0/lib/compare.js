// Two hashes -> in how many of their 64 bits they differ.

import { bad } from './bad.js';

const SIMILAR = 10;

export function compare(text) {
  const { a, b } = parse(text);
  let bits = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  let distance = 0;
  for (; bits > 0n; bits &= bits - 1n) distance += 1;
  return { distance, similar: distance <= SIMILAR };
}

function parse(text) {
  try {
    const asked = JSON.parse(text);
    if ([asked?.a, asked?.b].every((hash) => /^[0-9a-f]{16}$/.test(hash))) return asked;
  } catch (error) {
    throw Object.assign(bad('expected JSON'), { cause: error });
  }
  throw bad('expected {"a": HASH, "b": HASH}, each 16 hex digits');
}
