// Short ids that survive being read out over the phone.

import { randomInt } from 'node:crypto';
import type { Ids } from '../core/ids.ts';

// Without 0 o 1 l i and u: 30^6 = 729 million ids a prefix.
const ALPHABET = '23456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 6;

export function createIds(): Ids {
  return {
    next: (prefix) => `${prefix}-${Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`,
  };
}
