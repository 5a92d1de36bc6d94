/** A fault may quote what it was given; what leaves the host and what reaches the log is free of secrets all the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { expect, test } from 'vitest';
import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import { openLog } from '#host/log.ts';
import { createSecrets } from '#host/secrets.ts';
import { createRouter } from '#server/router.ts';
import { fakeProduct } from '../contract/fake-product.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { scratch } from '../fakes/places.ts';

const secret = 'a secret of no known shape';

function setting(thrown: unknown) {
  const secrets = createSecrets();
  secrets.know(secret);
  const file = join(scratch(), 'host.log');
  const log = openLog(file, manualClock('2026-11-21T00:00:00.000Z'), undefined, secrets.text);
  const product = fakeProduct();
  const handlers: Handlers = {
    ...product.handlers,
    model: { ...product.handlers.model, status: () => Promise.reject(thrown) },
  };
  const client = createRouterClient(createRouter(handlers, log, secrets.text), { context: {} }) as unknown as {
    model: { status(): Promise<unknown> };
  };
  return { client, log, logged: () => readFileSync(file, 'utf8') };
}

test('a fault crosses the wire without the secret that it names', async () => {
  const fault = new Fault('vault.unavailable', `It said ${secret}.`, { field: 'key', cure: `Do not type ${secret}.` });
  const { client } = setting(fault);
  const seen = await client.model.status().catch((error) => error);
  expect(seen).toMatchObject({
    message: 'It said [secret].',
    data: { code: 'vault.unavailable', message: 'It said [secret].', field: 'key', cure: 'Do not type [secret].' },
  });
});

test('a bug is logged without it: message, stack, causes and facts', async () => {
  const { client, log, logged } = setting(
    new Error(`broke on ${secret}`, { cause: new Error(`because of ${secret}`) }),
  );
  await expect(client.model.status()).rejects.toMatchObject({ data: { code: 'internal' } });
  log.error('a fault', new Fault('internal', secret, { cause: secret }), { fact: secret });
  expect(logged()).toContain('broke on [secret]');
  expect(logged()).toContain('because of [secret]');
  expect(logged()).not.toContain(secret);
});
