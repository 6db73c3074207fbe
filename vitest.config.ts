import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** How every suite is run; each config names its files. */
export const usual = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  pool: 'forks' as const,
  // One more than the two cores it is meant for: much of a test is waiting for a real process.
  maxWorkers: 3,
  // Files share the workers, so that the modules are loaded three times and not once per file: a test leaves nothing behind that another could see.
  isolate: false,
  // The suites start hundreds of small programs; what one of them compiled the next one finds.
  env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/dhash-tests', import.meta.url)) },
};

export default defineConfig({ test: { ...usual, include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'] } });
