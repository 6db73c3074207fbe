import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['test/crash/**/*.crash.ts'], pool: 'forks', maxWorkers: 1 } });
