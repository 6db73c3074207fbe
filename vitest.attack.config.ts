import { defineConfig } from 'vitest/config';
import { usual } from './vitest.config.ts';

// Campaigns against the finished product: many thousand tries each, where the tests of `npm test` hold a sample of them.
export default defineConfig({ test: { ...usual, testTimeout: 300_000, include: ['test/attack/**/*.attack.ts'] } });
