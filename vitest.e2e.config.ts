import { defineConfig } from 'vitest/config';
import { usual } from './vitest.config.ts';

// Whole programs from their first word to their last: what takes long without telling more about any one part.
export default defineConfig({ test: { ...usual, testTimeout: 120_000, include: ['test/e2e/**/*.test.ts'] } });
