import { defineConfig } from 'vitest/config';
import { usual } from './vitest.config.ts';

// Kills of real programs: what they print is the progress, told as it comes.
export default defineConfig({ test: { ...usual, include: ['test/crash/**/*.crash.ts'], maxWorkers: 1, disableConsoleIntercept: true } });
