/** The keychain, unless the person has chosen the encrypted file; which one is never guessed. */
import { rm } from 'node:fs/promises';
import { changeVaultSettings, readVaultSettings } from '#host/model/settings.ts';
import type { Paths } from '#host/paths.ts';
import { createFileVault } from './file-vault.ts';
import { readPassphrase } from './passphrase.ts';
import type { Vault } from './vault.ts';

export interface VaultChoice {
  place(): Promise<'keychain' | 'passphrase_file'>;
  /** From now on the encrypted file, opened by the passphrase in `passphraseFile`. Throws `input` about that file. */
  choose(passphraseFile: string): Promise<void>;
  /** From now on the keychain again; the encrypted file goes, with all that is in it. */
  unchoose(): Promise<void>;
}

export type ChosenVault = Vault & VaultChoice;

export function createChosenVault(keychain: Vault, paths: Pick<Paths, 'settings' | 'vault'>): ChosenVault {
  const chosen = async () => (await readVaultSettings(paths.settings)).passphraseFile ?? null;
  const now = async (): Promise<Vault> => {
    const passphraseFile = await chosen();
    return passphraseFile === null ? keychain : createFileVault(paths.vault, passphraseFile);
  };
  return {
    get: async (account) => (await now()).get(account),
    set: async (account, secret) => (await now()).set(account, secret),
    delete: async (account) => (await now()).delete(account),
    place: async () => ((await chosen()) === null ? 'keychain' : 'passphrase_file'),
    async choose(passphraseFile) {
      await readPassphrase(passphraseFile);
      // Opens the file that is there already, so that a wrong passphrase is not remembered.
      await createFileVault(paths.vault, passphraseFile).get('');
      await changeVaultSettings(paths.settings, { passphraseFile });
    },
    async unchoose() {
      if ((await chosen()) === null) return;
      await changeVaultSettings(paths.settings, { passphraseFile: null });
      await rm(paths.vault, { force: true });
    },
  };
}
