// What the service can be asked.

import { compare } from './lib/compare.js';
import { dhash } from './lib/dhash.js';
import { decode } from './lib/image.js';
import { trace } from './lib/trace.js';

export function createRoutes({ counter }) {
  return {
    'POST /hash': (body) => {
      const image = decode(body);
      counter.add();
      return trace('hash', { hash: dhash(image), width: image.width, height: image.height });
    },
    'POST /compare': (body) => trace('compare', compare(body.toString('utf8'))),
  };
}
