import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };

test('the compiled loops of SSIM are those of their source', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'dhash-kernel-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const [program = '', ...words] = manifest.scripts.kernel.split(' ');
  const kept = words.find((word) => word.endsWith('.wasm')) ?? '';
  const anew = join(dir, 'ssim.wasm');
  await promisify(execFile)(join('node_modules', '.bin', program), [...words.map((word) => (word === kept ? anew : word))]);
  expect(readFileSync(anew).equals(readFileSync(kept)), 'run `npm run kernel` and commit what it wrote').toBe(true);
});
