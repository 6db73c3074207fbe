// Hashes a picture whose hash is known through the public port: exit 0 when the answer is right, else 1.
// biome-ignore-all lint/style/noProcessEnv: the public address is given by whoever runs this.

const base = process.env.PUBLIC_URL ?? 'http://127.0.0.1:8080';
const KNOWN = 'f0f0f0f0f0f0f0f0';

// Brightness rises over the first five of nine columns and falls over the last four: each row of bits is 11110000.
const [width, height] = [90, 64];
const row = Uint8Array.from({ length: width }, (_, x) => 50 + 40 * (4 - Math.abs(4 - Math.floor(x / 10))));
const picture = Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), ...Array.from({ length: height }, () => row)]);

const answer = await fetch(`${base}/hash`, { method: 'POST', body: picture, signal: AbortSignal.timeout(10_000) });
const text = await answer.text();
const hash = answer.ok ? JSON.parse(text).hash : null;
if (hash === KNOWN) process.stdout.write(`smoke: ${base}/hash answered ${hash}, as it should\n`);
else {
  process.stderr.write(`smoke: ${base}/hash answered ${answer.status} ${text.slice(0, 200)}; expected the hash ${KNOWN}\n`);
  process.exitCode = 1;
}
