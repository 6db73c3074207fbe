// What the service can be asked.

import { existsSync } from 'node:fs';
import { dhash } from './lib/dhash.js';
import { decode } from './lib/image.js';

const INDEX = 'data/index.bin';

export function createRoutes({ counter }) {
  return {
    // Not healthy until the index has been built by the nightly job.
    problem: () => (existsSync(INDEX) ? null : `waiting for ${INDEX}`),
    'POST /hash': (body) => {
      const image = decode(body);
      counter.add();
      return { hash: dhash(image), width: image.width, height: image.height };
    },
  };
}
