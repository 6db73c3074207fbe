// The image-hash service: HTTP in, JSON out. Reads PORT, HOST, RELEASE_TAG; keeps its counters in ./data.
// biome-ignore-all lint/style/noProcessEnv: this is a service of its own; its settings come from its environment.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createCounter } from './lib/counter.js';
import { createMetrics } from './lib/metrics.js';
import { createTable } from './lib/table.js';
import { createRoutes } from './routes.js';

const MAX_BODY = 8 * 1024 * 1024;

try {
  process.loadEnvFile('.env');
} catch (error) {
  if (error.code !== 'ENOENT') throw error;
}

const version = `v${JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')).version}`;
const tag = process.env.RELEASE_TAG ?? version;
const metrics = createMetrics(version);
const counter = createCounter('data', tag);
const table = createTable(8);
const routes = createRoutes({ env: process.env, counter });

const server = createServer((request, response) => {
  const started = performance.now();
  const path = new URL(request.url ?? '/', 'http://service').pathname;
  answer(request, path).then(
    ({ status, body, type }) => send(response, status, body, type),
    (error) => send(response, error.status ?? 500, { error: error.message }),
  );
  response.on('finish', () => {
    if (path !== '/metrics') metrics.observe(response.statusCode, (performance.now() - started) / 1000);
  });
});

async function answer(request, path) {
  const what = `${request.method} ${path}`;
  if (what === 'GET /health') return health();
  if (what === 'GET /version') return { status: 200, body: { version, tag } };
  if (what === 'GET /metrics') return { status: 200, body: metrics.text(counter.count()), type: 'text/plain; version=0.0.4' };
  const route = routes[what];
  if (route === undefined) return { status: 404, body: { error: `no ${what} here` } };
  const leave = table.enter();
  try {
    const body = await read(request);
    return { status: 200, body: await table.turn(() => route(body)) };
  } finally {
    leave();
  }
}

function health() {
  const problem = table.isFull() ? 'overloaded' : (routes.problem?.() ?? null);
  return { status: problem === null ? 200 : 503, body: { status: problem ?? 'ok', version, tag } };
}

async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) throw Object.assign(new Error(`body is larger than ${MAX_BODY} bytes`), { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response, status, body, type = 'application/json') {
  if (response.headersSent || response.destroyed) return;
  if (stopping) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': type });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

let stopping = false;

function stop(signal) {
  if (stopping) return;
  stopping = true;
  log(`${signal}: finishing open requests`);
  server.close(() => {
    counter.close();
    log('stopped');
  });
}

function log(sentence) {
  process.stdout.write(`${new Date().toISOString()} ${version} ${sentence}\n`);
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '127.0.0.1', () => log(`listening on ${server.address().port}`));
