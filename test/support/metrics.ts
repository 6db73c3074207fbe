// A service's counters that grow with the clock: twenty requests a look, half of them failing or none.

import type { World } from './world.ts';

export function serveMetrics(bot: World, state: { failing: boolean }): { failing: boolean } {
  let seen = bot.clock.now();
  const counts = { 200: 0, 500: 0 };
  Object.defineProperty(bot.host, 'metrics', {
    get: () => {
      const grown = Math.round((bot.clock.now() - seen) / 1_500);
      seen = bot.clock.now();
      counts[200] += state.failing ? grown / 2 : grown;
      counts[500] += state.failing ? grown / 2 : 0;
      const all = counts[200] + counts[500];
      const slowness = ['0.1', '+Inf'].map((bound) => `http_request_duration_seconds_bucket{le="${bound}"} ${all}`);
      return [`http_requests_total{status="200"} ${counts[200]}`, `http_requests_total{status="500"} ${counts[500]}`, ...slowness].join(
        '\n',
      );
    },
  });
  return state;
}
