/** The real Electron window, where its binary and a display are there; everywhere else the suite is reported as skipped. */
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: import.meta.dirname,
  testMatch: /\.electron\.ts$/,
  outputDir: '../../test-results/electron',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
});
