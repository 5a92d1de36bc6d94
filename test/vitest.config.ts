/** One project per kind of test, so that each can be run, timed and reported by itself. */
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = resolve(import.meta.dirname, '..');

const project = (name: string, more: { testTimeout?: number; fileParallelism?: boolean } = {}) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.{ts,tsx}`],
    testTimeout: more.testTimeout ?? 30_000,
    hookTimeout: more.testTimeout ?? 30_000,
    fileParallelism: more.fileParallelism ?? true,
  },
});

export default defineConfig({
  root,
  // The electron package starts a download when it is loaded without its binary, so tests never load it.
  resolve: { alias: [{ find: /^electron$/, replacement: resolve(root, 'test/fakes/electron.ts') }] },
  cacheDir: resolve(root, '.cache/vite'),
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    // A focused test left behind would make every other test of its file vanish from the counts.
    allowOnly: false,
    passWithNoTests: false,
    projects: [
      project('unit'),
      project('contract'),
      project('architecture'),
      // Real systemd, bubblewrap, processes: one file at a time, or two managers fight over two cores.
      project('host', { testTimeout: 120_000, fileParallelism: false }),
      project('crash', { testTimeout: 120_000, fileParallelism: false }),
    ],
  },
});
