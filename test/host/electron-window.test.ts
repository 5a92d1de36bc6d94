/** Through the window's own shell: the page asks for its port and reaches a real host process, which the shell started. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ApiClient } from '#contract/api.ts';
import { startShell } from '#electron/shell.ts';
import { fake } from '../fakes/electron.ts';
import { verifies } from '../promises.ts';
import { type Cage, openCage } from './host-cage.ts';

const origin = 'nightshift-page://app';
let cage: Cage;

beforeEach(async () => {
  fake.reset();
  cage = openCage();
  const files = { page: '/nonexistent', preload: '/x/index.cjs', icon: '/x/icon.png', tray: '/x/tray' };
  await startShell(fake.electron(), { attach: () => cage.attach(), argv: [], files });
});
afterEach(async () => {
  fake.app.quit();
  await cage.dispose();
});

/** What the page does with the port it is given. */
function connect(): { client: ApiClient; closed: Promise<unknown> } {
  const port = fake.askForPort(fake.windows[0] ?? expect.fail('no window'), { origin }) ?? expect.fail('no port');
  const closed = new Promise((resolve) => port.on('close', () => resolve('closed')));
  const client = createORPCClient<ApiClient>(new RPCLink({ port }));
  port.start();
  return { client, closed };
}

test(verifies('window-thin', 'the page calls the host and follows its events over the port'), async () => {
  const { client } = connect();
  const status = await client.host.status();
  expect(status.pid).not.toBe(process.pid);
  const stream = await client.events.follow({ after: 0 });
  expect((await stream.next()).done).toBe(false);
  await expect(client.runs.get({ run: 'not a run' })).rejects.toMatchObject({ code: expect.any(String) });
  await stream.return?.(undefined);
});

test('a killed host closes the port; the page asks again and reaches the next one', async () => {
  const first = connect();
  const { pid } = await first.client.host.status();
  process.kill(pid, 'SIGKILL');
  expect(await first.closed).toBe('closed');
  const next = await vi.waitFor(async () => (await connect().client.host.status()).pid, { timeout: 30_000 });
  expect(next).not.toBe(pid);
});

test('a page that is loaded anew gets a new port, and its old one closes', async () => {
  const first = connect();
  await first.client.host.status();
  const second = connect();
  expect(await first.closed).toBe('closed');
  expect((await second.client.host.status()).pid).toBeGreaterThan(0);
});
