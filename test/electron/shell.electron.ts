/** The built app in the real Electron: the window shows the page over its port, and the page reaches nothing else. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { _electron, type ElectronApplication, expect, type Page, test } from '@playwright/test';

const root = resolve(import.meta.dirname, '../..');

/** Reads where the binary is, without loading the package: that would start a download. */
function electronBinary(): string {
  const home = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const name = readFileSync(join(home, 'path.txt'), 'utf8').trim();
  return join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(home, 'dist'), name);
}

let app: ElectronApplication;
let page: Page;
let data: string;
const problems: string[] = [];

test.beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'nightshift-window-'));
  app = await _electron.launch({
    executablePath: electronBinary(),
    // Chromium's own sandbox cannot be set up by root; ours is asserted from the page's side.
    args: [root, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    env: { ...process.env, NIGHTSHIFT_HOME: data, NIGHTSHIFT_IDLE_MS: '500' } as Record<string, string>,
  });
  page = await app.firstWindow();
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
});
test.afterAll(async () => {
  await app?.close();
  rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
});

test('shows the page from its own origin, connected to the host', async () => {
  expect(await page.evaluate(() => location.origin)).toBe('nightshift-page://app');
  await expect(page.getByRole('navigation').first()).toBeVisible();
  await expect(page.getByText('Not connected')).toHaveCount(0);
  expect(problems).toEqual([]);
});

test('gives the page one word and no Node', async () => {
  const seen = await page.evaluate(() => ({
    nightshift: Reflect.get(window, 'nightshift'),
    globals: ['require', 'process', 'Buffer', 'ipcRenderer', 'electron'].filter((name) => name in window),
  }));
  expect(seen).toEqual({ nightshift: { shell: 'electron' }, globals: [] });
});

test('stays on its page and opens no second window', async () => {
  const before = page.url();
  await page.evaluate(() => {
    location.href = 'https://example.com/';
    window.open('file:///etc/passwd');
  });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  expect(page.url()).toBe(before);
  expect(app.windows()).toHaveLength(1);
});
