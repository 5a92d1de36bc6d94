/** Which model answers: keys, base addresses, the keychain, and what is said when none is there. */
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Fault } from '#contract/faults.ts';
import type { Models } from '#core/ports.ts';
import { createModels } from '#host/model/models.ts';
import type { FixedModels } from '#host/settings/allowed-models.ts';
import type { Vault } from '#host/vault/vault.ts';
import { VaultFault } from '#host/vault/vault-states.ts';
import { type MessagesServer, say, startMessagesServer } from '../fakes/messages-server.ts';
import { scratch, silent } from '../fakes/places.ts';

let open: Models[] = [];
let api: MessagesServer | undefined;
afterEach(async () => {
  await Promise.all(open.map((models) => models.close()));
  open = [];
  await api?.close();
});

/** A keychain in memory; `locked` makes it fail, `reads` counts how often it was asked. */
function memoryVault() {
  const secrets = new Map<string, string>();
  const vault = { locked: false, reads: 0, secrets };
  const check = () => {
    if (vault.locked) throw new VaultFault('locked', 'the collection is locked');
  };
  const calls: Vault = {
    get: async (account) => {
      vault.reads++;
      check();
      return secrets.get(account) ?? null;
    },
    set: async (account, secret) => {
      check();
      secrets.set(account, secret);
    },
    delete: async (account) => {
      check();
      secrets.delete(account);
    },
  };
  return Object.assign(vault, calls);
}

function place(env: NodeJS.ProcessEnv = {}, vault = memoryVault(), directory = scratch()) {
  const paths = { settings: join(directory, 'data', 'settings.json'), unitPrefix: 'nightshift-test' };
  const again = (more: NodeJS.ProcessEnv = env, fixed?: FixedModels) => {
    const parts = { env: { NIGHTSHIFT_REHEARSAL_PACE: '0', ...more }, paths, vault, log: silent };
    const models = createModels({ ...parts, ...(fixed ? { fixed: () => fixed } : {}) });
    open.push(models);
    return models;
  };
  return { models: again(), again, vault, settings: paths.settings };
}
async function sentBy(models: Models, wish = 'auto') {
  const model = await models.resolve(wish, 'none');
  const request = {
    system: '',
    tools: [],
    messages: [{ role: 'user' as const, content: 'hi' }],
    maxTokens: 9,
    effort: 'low' as const,
  };
  for await (const chunk of model.stream(request, new AbortController().signal))
    if (chunk.kind === 'message') return chunk.message;
  throw new Error('no message');
}

test('without a key, auto is the rehearsal model and says so; a named model is missing its key [rehearsal-says-so]', async () => {
  const { models, vault } = place();
  expect(await models.resolve('auto', 'x')).toMatchObject({ id: 'rehearsal', rehearsal: true });
  expect(await models.status()).toMatchObject({ auto: 'rehearsal', rehearsal: true, key: 'none', baseUrl: null });
  expect((await models.status()).detail).toContain('Rehearsal: recorded answers, no AI');
  await expect(models.resolve('claude-opus-5-5', 'x')).rejects.toMatchObject({
    code: 'model.key_missing',
    cure: expect.stringContaining('nightshift model key'),
  });
  expect(vault.reads, 'a keychain that we put nothing into is left alone').toBe(0);
  expect((await sentBy(models)).content).toMatchObject([{ text: expect.stringContaining('has no recording') }]);
});

test('a key in the environment is used and wins; it goes out as a bearer token', async () => {
  api = await startMessagesServer([say('hi'), say('hi')]);
  const { models } = place({ ANTHROPIC_API_KEY: 'sk-env', ANTHROPIC_BASE_URL: api.url });
  await models.setKey('sk-stored');
  expect(await models.status()).toMatchObject({
    auto: 'claude-opus-5-5',
    rehearsal: false,
    key: 'environment',
    baseUrl: api.url,
  });
  await sentBy(models);
  await sentBy(models, 'claude-haiku-5-5');
  expect(api.requests.map(({ body, headers }) => [body.model, headers.authorization])).toEqual([
    ['claude-opus-5-5', 'Bearer sk-env'],
    ['claude-haiku-5-5', 'Bearer sk-env'],
  ]);
  expect(await models.resolve('rehearsal', 'x')).toMatchObject({ rehearsal: true });
});

test('a stored key outlives the host, is asked for once, and is gone when forgotten; it is never in a file', async () => {
  const { models, again, vault, settings } = place();
  await models.setKey('sk-stored-key');
  expect(readFileSync(settings, 'utf8')).not.toContain('sk-stored-key');
  const next = again();
  for (let n = 0; n < 3; n++) expect(await next.status()).toMatchObject({ key: 'keychain', auto: 'claude-opus-5-5' });
  expect(vault.reads).toBe(1);
  await next.forgetKey();
  expect(vault.secrets.size).toBe(0);
  expect(await next.status()).toMatchObject({ key: 'none', rehearsal: true });
});

test('a stored key that cannot be read stops a run instead of rehearsing it', async () => {
  const { models, again, vault } = place();
  await models.setKey('sk-stored-key');
  vault.locked = true;
  const next = again();
  expect(await next.status()).toMatchObject({
    key: 'keychain',
    rehearsal: false,
    detail: expect.stringContaining('locked'),
  });
  for (const wish of ['auto', 'claude-opus-5-5'])
    await expect(next.resolve(wish, 'x')).rejects.toMatchObject({
      code: 'model.key_missing',
      message: expect.stringContaining('locked'),
    });
  await expect(next.setKey('sk-other-key')).rejects.toMatchObject({ code: 'vault.unavailable' });
});

const secret = 'sk-ant-FAKE-SECRET-12345';
const unusable: [name: string, key: string, said: string][] = [
  ['with a line break, as from a wrapped paste', `${secret} \nX`, 'a line break'],
  ['with a space', `${secret} X`, 'a space'],
  ['with a dash that an editor made of two', `${secret}\u2013X`, 'U+2013'],
];
test.each(unusable)('a key %s is named as such before it goes anywhere', async (_name, key, said) => {
  const { models, again, vault } = place({ ANTHROPIC_API_KEY: key });
  const account = 'nightshift-test model key';
  const rejected = { code: 'model.key_rejected', cure: expect.stringContaining('nightshift model key') };
  const refuse = async (doing: Promise<unknown>) => {
    const error = await doing.then(
      () => null,
      (reason: Fault) => reason,
    );
    expect(error).toMatchObject(rejected);
    expect(error?.message).toContain(said);
    expect(`${error?.message} ${error?.stack} ${error?.cure}`).not.toContain(secret);
  };
  for (const wish of ['auto', 'claude-opus-5-5']) await refuse(models.resolve(wish, 'x'));
  const status = await models.status();
  expect(status).toMatchObject({ key: 'environment', rehearsal: false, detail: expect.stringContaining(said) });
  expect(status.detail).not.toContain(secret);
  await refuse(models.setKey(key));
  expect(vault.secrets.size).toBe(0);

  await models.setKey(secret);
  vault.secrets.set(account, key);
  const next = again({});
  await refuse(next.resolve('auto', 'x'));
  expect(await next.status()).toMatchObject({ key: 'keychain', rehearsal: false });
});

test('white space around a key does not count, wherever the key comes from', async () => {
  api = await startMessagesServer([say('hi'), say('hi')]);
  const { models, again, vault } = place({ ANTHROPIC_API_KEY: ` ${secret}\r\n`, ANTHROPIC_BASE_URL: api.url });
  await sentBy(models);
  await models.setKey(`\t${secret}-stored\n`);
  expect([...vault.secrets.values()]).toEqual([`${secret}-stored`]);
  await sentBy(again({ ANTHROPIC_API_KEY: ' \n', ANTHROPIC_BASE_URL: api.url }));
  expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
    `Bearer ${secret}`,
    `Bearer ${secret}-stored`,
  ]);
});

test('a model server on this machine needs no key', async () => {
  api = await startMessagesServer([say('hi')]);
  const { models, again, settings } = place();
  await models.setBaseUrl(api.url);
  await models.setPrice('qwen3-coder', nothing);
  expect(await models.status()).toMatchObject({ rehearsal: false, key: 'none', baseUrl: api.url });
  await sentBy(again(), 'qwen3-coder');
  expect(api.requests[0]?.body).toMatchObject({ model: 'qwen3-coder' });
  expect(api.requests[0]?.body).not.toHaveProperty('thinking');
  expect(statSync(settings).mode & 0o777).toBe(0o600);
  await models.setBaseUrl('https://models.example.test');
  expect(await models.status()).toMatchObject({ rehearsal: true });
  await models.setBaseUrl(null);
  expect(await models.status()).toMatchObject({ baseUrl: null });
});

const nothing = { input: 0, output: 0, cacheWrite: 0, cacheRead: 0 };

test('a model that nobody has named a price of counts as the dearest and says so until somebody does', async () => {
  for (const url of ['http://127.0.0.1:9', 'https://models.example.test']) {
    const { models, again, settings } = place({ ANTHROPIC_API_KEY: secret, ANTHROPIC_BASE_URL: url });
    const said = expect.stringContaining('nightshift model price qwen3-coder --input');
    const unknown = await models.resolve('qwen3-coder', 'x');
    expect(unknown).toMatchObject({ id: 'qwen3-coder', priceNotice: said });
    expect(unknown.rates(5)).toEqual({ input: 15, output: 75, cacheWrite: 18.75, cacheRead: 1.5 });
    expect(await models.priceNotice('qwen3-coder')).toEqual(said);
    for (const wish of ['auto', 'rehearsal', 'anthropic/claude-opus-5.5'])
      expect(await models.priceNotice(wish)).toBeNull();
    const price = { input: 1, output: 3, cacheWrite: 1.25, cacheRead: 1 };
    await models.setPrice('qwen3-coder', price);
    expect(JSON.parse(readFileSync(settings, 'utf8')).model.prices).toEqual({ 'qwen3-coder': price });
    const known = await again().resolve('qwen3-coder', 'x');
    expect(known.rates(5)).toEqual(price);
    expect(known).not.toHaveProperty('priceNotice');
    expect((await models.status()).ownPrices).toEqual({ 'qwen3-coder': price });
    expect(await models.priceNotice('qwen3-coder')).toBeNull();
    await models.setPrice('qwen3-coder', null);
    expect(await models.resolve('qwen3-coder', 'x')).toMatchObject({ priceNotice: said });
    expect((await models.resolve('anthropic/claude-opus-5.5', 'x')).rates(5).output).toBe(20);
  }
});

test('a model that an administrator fixed and that has no price is told in the status', async () => {
  const file = '/etc/fixed.json';
  const { again } = place({ ANTHROPIC_API_KEY: secret });
  const models = again(undefined, {
    model: { value: 'qwen3-coder', file },
    models: null,
    baseUrl: null,
    unreadable: [],
  });
  expect((await models.resolve('auto', 'x')).rates(5).output).toBe(75);
  expect(await models.priceNotice('auto')).toContain('qwen3-coder');
  expect((await models.status()).detail).toContain('nightshift model price qwen3-coder');
});

test('settings keep what others wrote; a broken file is named, and nothing is overwritten', async () => {
  const { models, settings } = place();
  mkdirSync(join(settings, '..'), { recursive: true });
  writeFileSync(settings, '{"theme":"dark","model":{"later":1}}');
  await models.setBaseUrl('http://localhost:8080');
  expect(JSON.parse(readFileSync(settings, 'utf8'))).toEqual({
    theme: 'dark',
    model: { later: 1, baseUrl: 'http://localhost:8080' },
  });
  writeFileSync(settings, '{"theme":');
  await expect(models.resolve('auto', 'x')).rejects.toMatchObject({
    code: 'input',
    message: expect.stringContaining('settings.json'),
  });
  await expect(models.setBaseUrl(null)).rejects.toBeInstanceOf(Fault);
  expect((await models.status()).detail).toContain('settings.json');
  expect(readFileSync(settings, 'utf8')).toBe('{"theme":');
});

test.skipIf(process.getuid?.() === 0)(
  'a folder that cannot be written is named (skipped for root, who can write anywhere)',
  async () => {
    const { models, settings } = place();
    mkdirSync(join(settings, '..'), { recursive: true });
    chmodSync(join(settings, '..'), 0o500);
    await expect(models.setBaseUrl(null)).rejects.toMatchObject({ code: 'data.read_only' });
  },
);
