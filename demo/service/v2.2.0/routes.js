// What the service can be asked.

import { compare } from './lib/compare.js';
import { dhash } from './lib/dhash.js';
import { createGallery } from './lib/gallery.js';
import { decode } from './lib/image.js';

export function createRoutes({ env, counter }) {
  const gallery = createGallery({ warmupMs: Number(env.SIMILARITY_WARMUP_MS ?? 60_000), now: () => performance.now() });
  return {
    'POST /hash': (body) => {
      const image = decode(body);
      const hash = dhash(image);
      counter.add();
      return { hash, width: image.width, height: image.height, nearest: gallery.nearest(hash, image) };
    },
    'POST /compare': (body) => compare(body.toString('utf8')),
  };
}
