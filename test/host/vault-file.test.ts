/** Keys in an encrypted file: chosen by the person, opened by a passphrase that nobody else can read, never plain. */
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { createChosenVault } from '#host/vault/chosen-vault.ts';
import { createFileVault } from '#host/vault/file-vault.ts';
import type { Vault } from '#host/vault/vault.ts';
import { VaultFault } from '#host/vault/vault-states.ts';
import { scratch, silent } from '../fakes/places.ts';
import { verifies } from '../promises.ts';

const secret = 'sk-ant-in-a-file';

function passphrase(words = 'correct horse battery', mode = 0o600): string {
  const file = join(scratch(), 'passphrase');
  writeFileSync(file, `${words}\n`, { mode });
  return file;
}

const noKeychain: Vault = {
  get: () => Promise.reject(new VaultFault('no_service', 'nobody')),
  set: () => Promise.reject(new VaultFault('no_service', 'nobody')),
  delete: () => Promise.reject(new VaultFault('no_service', 'nobody')),
};

describe('the file', () => {
  test('keeps, gives and forgets; its text holds neither secret nor passphrase', async () => {
    const file = join(scratch(), 'vault.json');
    const vault = createFileVault(file, passphrase());
    expect(await vault.get('model key')).toBeNull();
    await vault.set('model key', secret);
    await vault.set('audit key', 'ünïcode');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/sk-ant|correct|horse/);
    expect(JSON.parse(text)).toMatchObject({ version: 1, kdf: { name: 'scrypt', N: 131_072 }, cipher: 'aes-256-gcm' });
    expect(await createFileVault(file, passphrase()).get('model key')).toBe(secret);
    await vault.delete('model key');
    expect(await vault.get('model key')).toBeNull();
    expect(await vault.get('audit key')).toBe('ünïcode');
  });

  test('a wrong passphrase opens nothing and overwrites nothing', async () => {
    const file = join(scratch(), 'vault.json');
    await createFileVault(file, passphrase()).set('model key', secret);
    const before = readFileSync(file);
    const wrong = createFileVault(file, passphrase('wrong horse battery'));
    const fault = {
      code: 'vault.unavailable',
      message: expect.stringContaining('does not open'),
      cure: expect.any(String),
    };
    await expect(wrong.get('model key')).rejects.toMatchObject(fault);
    await expect(wrong.set('model key', 'other')).rejects.toMatchObject(fault);
    expect(readFileSync(file)).toEqual(before);
  });

  test('what was changed or exchanged in it is refused', async () => {
    const file = join(scratch(), 'vault.json');
    const vault = createFileVault(file, passphrase());
    await vault.set('a', 'first secret');
    await vault.set('b', 'second secret');
    const content = JSON.parse(readFileSync(file, 'utf8'));
    const unusable = { code: 'vault.unavailable', cure: expect.any(String) };
    writeFileSync(file, JSON.stringify({ ...content, secrets: { a: content.secrets.b } }));
    await expect(vault.get('a')).rejects.toMatchObject(unusable);
    for (const broken of [
      '',
      '{}',
      JSON.stringify({ ...content, version: 2 }),
      JSON.stringify({ ...content, kdf: { ...content.kdf, N: 2 ** 30 } }),
    ]) {
      writeFileSync(file, broken);
      await expect(vault.get('a')).rejects.toMatchObject(unusable);
    }
  });
});

describe('the passphrase', () => {
  test.each([0o604, 0o640, 0o660, 0o666])('a file of mode %o is refused', async (mode) => {
    const file = passphrase();
    chmodSync(file, mode);
    const refused = { code: 'input', field: 'passphraseFile', cure: expect.stringContaining('chmod 600') };
    await expect(createFileVault(join(scratch(), 'v'), file).set('a', secret)).rejects.toMatchObject(refused);
  });

  test.each([
    ['relative/path', () => 'passphrase'],
    ['missing', () => join(scratch(), 'none')],
    ['a directory', () => scratch()],
    ['too short', () => passphrase('short')],
    ['empty', () => passphrase('')],
  ])('%s is refused, without a word of what is in it', async (_name, make) => {
    const vault = createFileVault(join(scratch(), 'v'), make());
    const error: Error = await vault.set('a', secret).then(
      () => expect.unreachable(),
      (refused) => refused,
    );
    expect(error).toMatchObject({ code: 'input', field: 'passphraseFile' });
    expect(error.message).not.toContain('short.');
  });
});

function models(home = scratch()) {
  const paths = resolvePaths({ NIGHTSHIFT_HOME: home });
  mkdirSync(paths.data, { recursive: true });
  const vault = createChosenVault(noKeychain, paths);
  const made = createModels({ env: {}, paths, vault, choice: vault, log: silent });
  return { ...made, paths, home };
}

test(verifies('key-unseen', 'without a keychain a key is refused until the encrypted file is chosen'), async () => {
  const { setKey, status, paths, home, resolve, forgetKey } = models();
  await expect(setKey(secret)).rejects.toMatchObject({ code: 'vault.unavailable' });
  expect(() => statSync(paths.vault)).toThrow();
  const file = passphrase();
  await setKey(secret, file);
  expect(await status()).toMatchObject({ key: 'passphrase_file', rehearsal: false });
  expect(readFileSync(paths.settings, 'utf8')).toContain(file);
  for (const each of [paths.settings, paths.vault]) expect(readFileSync(each, 'utf8')).not.toContain(secret);
  expect(await models(home).status()).toMatchObject({ key: 'passphrase_file' });
  chmodSync(file, 0o644);
  await expect(resolve('auto', 'x')).rejects.toMatchObject({
    code: 'model.key_missing',
    message: expect.stringContaining('can be read by others'),
    cure: expect.stringContaining('chmod 600'),
  });
  await forgetKey();
  expect(() => statSync(paths.vault)).toThrow();
  expect(await status()).toMatchObject({ key: 'none' });
});

test('a wrong passphrase is not remembered', async () => {
  const { setKey, status } = models();
  const file = passphrase();
  await setKey(secret, file);
  await expect(setKey('sk-ant-another', passphrase('wrong wrong wrong'))).rejects.toMatchObject({
    code: 'vault.unavailable',
  });
  expect(await status()).toMatchObject({ key: 'passphrase_file', rehearsal: false });
});
