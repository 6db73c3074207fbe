// A service to watch: health with a version, and counters that grow with every request. Prints its port.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stdout } from 'node:process';

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
let served = 0;

const server = createServer((request, response) => {
  served += 20;
  response.end(request.url === '/metrics' ? metrics() : '{"status":"ok","version":"v1.0.0"}');
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  stdout.write(`${port}\n`);
});

/** As long as a small service's own: some series that nobody asked for beside the two that count. */
function metrics(): string {
  const others = Array.from({ length: 60 }, (_, index) => `nodejs_heap_bytes{space="s${index}"} ${index * 4_096}`);
  const buckets = [...BOUNDS, '+Inf'].map((bound) => `http_request_duration_seconds_bucket{le="${bound}"} ${served}`);
  return [`http_requests_total{status="200",path="/hash"} ${served}`, ...buckets, ...others].join('\n');
}
