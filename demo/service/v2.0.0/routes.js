// What the service can be asked.

import { dhash } from './lib/dhash.js';
import { decode } from './lib/image.js';

export function createRoutes({ counter }) {
  return {
    'POST /hash': (body) => {
      const image = decode(body);
      counter.add();
      return { hash: dhash(image), width: image.width, height: image.height };
    },
  };
}
