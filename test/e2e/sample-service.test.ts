import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRepository } from '../../demo/repository.ts';
import { startTraffic } from '../../demo/traffic.ts';
import { until } from '../../demo/until.ts';
import { pgm, png } from '../demo/pictures.ts';
import { checkOut, type Running, startService, temporaryFolder } from '../demo/support.ts';

const WIDTH = 90;
const HEIGHT = 64;
const rising = (x: number) => 2 * x;
const falling = (x: number) => 255 - 2 * x;
/** Nine columns of bits 10101010: up, down, up, down. */
const stripes = (x: number) => (Math.floor(x / 10) % 2 === 0 ? 40 : 200);
/** Upper half rising, lower half falling. */
const halves = (x: number, y: number) => (y < HEIGHT / 2 ? rising(x) : falling(x));

const KNOWN = [
  { name: 'a rising', gray: rising, hash: 'ffffffffffffffff' },
  { name: 'a falling', gray: falling, hash: '0000000000000000' },
  { name: 'an even', gray: () => 77, hash: '0000000000000000' },
  { name: 'a striped', gray: stripes, hash: 'aaaaaaaaaaaaaaaa' },
  { name: 'a two-part', gray: halves, hash: 'ffffffff00000000' },
];

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let repository: string;

beforeAll(async () => {
  dir = await temporaryFolder();
  repository = await createRepository(dir.path);
});
afterAll(async () => {
  await dir.remove();
});

async function withService<T>(tag: string, env: Readonly<Record<string, string>>, use: (service: Running) => Promise<T>): Promise<T> {
  const service = await startService(await checkOut(repository, tag, dir.path), env);
  try {
    return await use(service);
  } finally {
    await service.stop();
  }
}

async function post(url: string, body: Buffer | string): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(url, { method: 'POST', body: typeof body === 'string' ? body : new Uint8Array(body) });
  return { status: answer.status, body: await answer.json() };
}

describe.each(['v2.0.0', 'v2.1.0', 'v2.2.0'])('release %s of the sample service', (tag) => {
  it('hashes known pictures, in each format, to the hash they must have', async () => {
    await withService(tag, {}, async ({ url }) => {
      for (const { name, gray, hash } of KNOWN) {
        for (const body of [pgm(WIDTH, HEIGHT, gray), ...([1, 2, 3, 4] as const).map((channels) => png(WIDTH, HEIGHT, channels, gray))]) {
          const answer = await post(`${url}/hash`, body);
          expect(answer, name).toMatchObject({ status: 200, body: { hash, width: WIDTH, height: HEIGHT } });
        }
      }
    });
  });

  it('says which version it is, and the tag it was started as', async () => {
    await withService(tag, { RELEASE_TAG: 'v9.9.9' }, async ({ url }) => {
      const health = await (await fetch(`${url}/health`)).json();
      expect(health).toEqual({ status: 'ok', version: tag, tag: 'v9.9.9' });
    });
  });

  it('passes its own smoke test through the public address', async () => {
    await withService(tag, {}, async ({ url, folder }) => {
      const { stdout } = await promisify(execFile)(process.execPath, ['smoke.js'], { cwd: folder, env: { PUBLIC_URL: url } });
      expect(stdout).toContain('f0f0f0f0f0f0f0f0, as it should');
    });
  });
});

describe('the sample service', () => {
  it('fails its smoke test when the public address answers wrongly', async () => {
    await withService('v2.0.0', {}, async ({ url, folder }) => {
      const smoke = promisify(execFile)(process.execPath, ['smoke.js'], { cwd: folder, env: { PUBLIC_URL: `${url}/nowhere` } });
      await expect(smoke).rejects.toMatchObject({ code: 1 });
    });
  });

  it('blames the sender for what is not a picture, and answers on', async () => {
    await withService('v2.0.0', {}, async ({ url }) => {
      const cut = png(WIDTH, HEIGHT, 3, rising).subarray(0, 120);
      const huge = Buffer.from('P5\n99999 99999\n255\n');
      for (const body of ['hello', '', cut, huge, pgm(9, 8, rising).subarray(0, 30)]) {
        const answer = await post(`${url}/hash`, body);
        expect(answer).toMatchObject({ status: 400, body: { error: expect.any(String) } });
      }
      expect((await post(`${url}/hash`, Buffer.alloc(9 * 1024 * 1024))).status).toBe(413);
      expect((await fetch(`${url}/health`)).status).toBe(200);
    });
  });

  it('compares hashes from v2.1.0 on', async () => {
    const ask = JSON.stringify({ a: 'ffffffffffffffff', b: 'fffffffffffffff0' });
    await withService('v2.0.0', {}, async ({ url }) => expect((await post(`${url}/compare`, ask)).status).toBe(404));
    await withService('v2.1.0', {}, async ({ url }) => {
      expect(await post(`${url}/compare`, ask)).toEqual({ status: 200, body: { distance: 4, similar: true } });
      expect((await post(`${url}/compare`, '{"a":1}')).status).toBe(400);
    });
  });

  it('counts requests by status in its metrics, and images in a file that outlives it', async () => {
    const service = await startService(await checkOut(repository, 'v2.0.0', dir.path));
    await post(`${service.url}/hash`, pgm(9, 8, rising));
    await post(`${service.url}/hash`, 'no picture');
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(await service.stop()).toBe(0);
    expect(metrics).toContain('http_requests_total{status="200"} 1\nhttp_requests_total{status="400"} 1');
    expect(metrics).toMatch(/http_request_duration_seconds_bucket\{le="\+Inf"\} 2\n/);
    expect(metrics).toMatch(/process_resident_memory_bytes \d{7,}/);
    const counted = await readFile(join(service.folder, 'data', 'hashed-v2.0.0.json'), 'utf8');
    expect(JSON.parse(counted)).toEqual({ tag: 'v2.0.0', count: 1 });
  });

  it('finishes an open request after SIGTERM and then ends', async () => {
    const service = await startService(await checkOut(repository, 'v2.1.0', dir.path));
    const picture = pgm(WIDTH, HEIGHT, rising);
    let send = () => {};
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(picture.subarray(0, 100)));
        send = () => {
          controller.enqueue(new Uint8Array(picture.subarray(100)));
          controller.close();
        };
      },
    });
    const answer = fetch(`${service.url}/hash`, { method: 'POST', body, duplex: 'half' });
    await until(async () => (await fetch(`${service.url}/health`)).ok, { what: 'health', timeoutMs: 5_000 });
    const ended = service.stop();
    await until(async () => service.output().includes('finishing open requests'), { what: 'the stop to begin', timeoutMs: 5_000 });
    send();
    expect(await (await answer).json()).toMatchObject({ hash: 'ffffffffffffffff' });
    expect(await ended).toBe(0);
  });

  it('never becomes ready as v2.0.1', async () => {
    await withService('v2.0.1', {}, async ({ url }) => {
      const health = await fetch(`${url}/health`);
      expect(health.status).toBe(503);
      expect(await health.json()).toMatchObject({ status: 'waiting for data/index.bin', version: 'v2.0.1' });
    });
  });

  it('exits at start as v2.1.1 and says which file is missing', async () => {
    const folder = await checkOut(repository, 'v2.1.1', dir.path);
    await expect(startService(folder)).rejects.toThrow(/ended with 1: [\s\S]*trace\.js/);
  });

  it('gets slow and then fails as v2.2.0 once it compares pictures, and not before', async () => {
    const folder = await checkOut(repository, 'v2.2.0', dir.path);
    await writeFile(join(folder, '.env'), 'SIMILARITY_WARMUP_MS=1500\n');
    const service = await startService(folder);
    const traffic = startTraffic({ url: service.url, perSecond: 80 });
    try {
      await until(async () => traffic.counts().answered >= 20, { what: 'twenty answers', timeoutMs: 10_000 });
      expect(traffic.counts().by).toEqual({ 200: traffic.counts().answered });
      await until(async () => (traffic.counts().by[503] ?? 0) >= 10, { what: 'ten answers 503', timeoutMs: 12_000 });
      const metrics = await (await fetch(`${service.url}/metrics`)).text();
      expect(metrics).toMatch(/http_requests_total\{status="503"\} \d+/);
      expect(slowerThan(metrics, '0.2')).toBeGreaterThan(0);
    } finally {
      await traffic.stop();
      await service.stop();
    }
  });
});

/** How many requests took longer than this bucket's limit. */
function slowerThan(metrics: string, limit: string): number {
  const upTo = (le: string) =>
    Number(new RegExp(`bucket\\{le="${le.replace('+', '\\+').replace('.', '\\.')}"\\} (\\d+)`).exec(metrics)?.[1]);
  return upTo('+Inf') - upTo(limit);
}
