/** The entry gives the shell the real files of the product and the real way to attach. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const attach = vi.hoisted(() => vi.fn(() => new Promise<never>(() => {})));
vi.mock('#server/attach.ts', () => ({ attach }));

beforeEach(() => vi.stubEnv('NIGHTSHIFT_HOME', '/nonexistent/nightshift-home'));
afterEach(() => vi.unstubAllEnvs());

test('loading it opens the window and attaches to the host of this data directory', async () => {
  const { fake } = await import('../fakes/electron.ts');
  await import('#electron/main.ts');
  await vi.waitFor(() => expect(attach).toHaveBeenCalled());
  expect(attach).toHaveBeenCalledWith(
    expect.objectContaining({ paths: expect.objectContaining({ data: '/nonexistent/nightshift-home' }) }),
  );
  expect(fake.windows).toHaveLength(1);
  expect(fake.windows[0]?.options.webPreferences?.preload).toMatch(/out[/\\]preload[/\\]index\.cjs$/);
  fake.app.emit('will-quit', {});
});
