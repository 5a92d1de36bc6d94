/** Secrets in one encrypted file, for machines without a keychain: opened by a passphrase that lies elsewhere. */

import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { replacePrivately } from '#host/files.ts';
import { readPassphrase } from './passphrase.ts';
import type { Vault } from './vault.ts';

const Sealed = z.strictObject({ iv: z.base64(), tag: z.base64(), data: z.base64() });
const VaultFile = z.strictObject({
  version: z.literal(1),
  /** Bounded, so that a file from elsewhere cannot make this process compute for ever. */
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    N: z.int().min(16_384).max(1_048_576),
    r: z.int().min(8).max(16),
    p: z.int().min(1).max(4),
    salt: z.base64(),
  }),
  cipher: z.literal('aes-256-gcm'),
  /** Holds a known word, so that a wrong passphrase is noticed before anything is written. */
  check: Sealed,
  secrets: z.record(z.string(), Sealed),
});
type VaultFile = z.infer<typeof VaultFile>;
type Sealed = z.infer<typeof Sealed>;

/** 128 MiB and about half a second for each guess. Source: the advice for scrypt of OWASP, 2026. */
const cost = { N: 131_072, r: 8, p: 1 };
const checkWord = 'nightshift vault';

/** Every call reads both files anew: what was taken away is not there any more. Throws `vault.unavailable`, `input`. */
export function createFileVault(file: string, passphraseFile: string): Vault {
  async function opened(): Promise<{ content: VaultFile; key: Buffer } | null> {
    const content = await readVault(file);
    if (content === null) return null;
    const key = await derive(await readPassphrase(passphraseFile), content);
    if (unseal(key, 'check', content.check) !== checkWord) throw wrongPassphrase(file, passphraseFile);
    return { content, key };
  }

  async function created(): Promise<{ content: VaultFile; key: Buffer }> {
    const kdf = { name: 'scrypt' as const, ...cost, salt: randomBytes(16).toString('base64') };
    const none = { iv: '', tag: '', data: '' };
    const content: VaultFile = { version: 1, kdf, cipher: 'aes-256-gcm', check: none, secrets: {} };
    const key = await derive(await readPassphrase(passphraseFile), content);
    content.check = seal(key, 'check', checkWord);
    return { content, key };
  }

  return {
    async get(account) {
      const vault = await opened();
      const found = vault?.content.secrets[account];
      if (!vault || !found) return null;
      const secret = unseal(vault.key, `secret ${account}`, found);
      if (secret === null) throw broken(file, 'a secret in it was changed');
      return secret;
    },
    async set(account, secret) {
      const { content, key } = (await opened()) ?? (await created());
      content.secrets[account] = seal(key, `secret ${account}`, secret);
      await writeVault(file, content);
    },
    async delete(account) {
      const content = await readVault(file);
      if (!content || !(account in content.secrets)) return;
      delete content.secrets[account];
      await writeVault(file, content);
    },
  };
}

function derive(passphrase: string, { kdf }: VaultFile): Promise<Buffer> {
  const { N, r, p, salt } = kdf;
  const options = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) =>
    scrypt(passphrase.normalize('NFKC'), Buffer.from(salt, 'base64'), 32, options, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
}

/** `name` is bound to the content: one secret cannot be put in the place of another. */
function seal(key: Buffer, name: string, text: string): Sealed {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name));
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return {
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
}

function unseal(key: Buffer, name: string, { iv, tag, data }: Sealed): string | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(name)).setAuthTag(Buffer.from(tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

async function readVault(file: string): Promise<VaultFile | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw broken(file, code ?? 'it cannot be opened');
  }
  try {
    return VaultFile.parse(JSON.parse(text));
  } catch {
    throw broken(file, 'its content is not that of a vault of this version');
  }
}

/** Atomic, and readable for its owner only. */
async function writeVault(file: string, content: VaultFile): Promise<void> {
  try {
    await replacePrivately(file, `${JSON.stringify(content, null, 2)}\n`);
  } catch (error) {
    throw broken(file, `it cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

function wrongPassphrase(file: string, passphraseFile: string): Fault {
  return new Fault('vault.unavailable', `The passphrase in ${passphraseFile} does not open ${file}.`, {
    cure: 'Put the right one into the file. If it is lost, run `nightshift model forget` and store the key anew.',
  });
}

function broken(file: string, why: string): Fault {
  return new Fault('vault.unavailable', `The encrypted keys in ${file} cannot be used: ${why}.`, {
    cure: 'Bring back a copy of the file, or run `nightshift model forget` and store the key anew.',
  });
}
