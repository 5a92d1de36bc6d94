/** Signs checkpoints with a key that only the vault holds; without a vault nothing is signed, and that is said. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { Fault } from '#contract/faults.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Secrets } from '#host/secrets.ts';
import type { Vault } from '#host/vault/vault.ts';

export interface Signature {
  /** Fingerprint of the public key. */
  key: string;
  /** Ed25519, base64. */
  signature: string;
}

export interface Signer {
  /** Null where the key cannot be had now. Never throws for that. */
  sign(text: string): Promise<Signature | null>;
}

interface Parts {
  vault: Vault;
  /** Name of the key in the vault. */
  account: string;
  clock: Clock;
  log: Log;
  secrets: Secrets;
  /** Told once for each key, before its first signature. `pem`: the public key. */
  onKey(pem: string): void;
}

/** Milliseconds for which a vault that gave no key is not asked again. */
const pause = 10 * 60_000;

/** SHA-256 of the public key in its DER form, hexadecimal. */
export function fingerprint(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

export function createSigner({ vault, account, clock, log, secrets, onKey }: Parts): Signer {
  let key: { private: KeyObject; id: string } | null = null;
  let askAgain = Number.NEGATIVE_INFINITY;

  /** The stored key, or a new one that is stored before it is used. */
  async function find(): Promise<KeyObject> {
    const stored = await vault.get(account);
    if (stored !== null) {
      secrets.know(stored);
      return createPrivateKey({ key: Buffer.from(stored, 'base64'), format: 'der', type: 'pkcs8' });
    }
    const made = generateKeyPairSync('ed25519').privateKey;
    const text = made.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    secrets.know(text);
    await vault.set(account, text);
    return made;
  }

  return {
    async sign(text) {
      if (key === null && clock.now() < askAgain) return null;
      try {
        if (key === null) {
          const found = await find();
          const publicKey = createPublicKey(found);
          onKey(publicKey.export({ type: 'spki', format: 'pem' }).toString());
          key = { private: found, id: fingerprint(publicKey) };
        }
        return { key: key.id, signature: sign(null, Buffer.from(text), key.private).toString('base64') };
      } catch (error) {
        askAgain = clock.now() + pause;
        const why = error instanceof Fault ? error : new Error('the stored audit key cannot be used');
        log.info('audit checkpoints are not signed for now', { why: why.message });
        return null;
      }
    },
  };
}
