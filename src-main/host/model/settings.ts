/** What the person set about the model and where keys are kept, in `settings.json`; the file keeps whatever else stands in it. */

import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { Price } from '#contract/prices.ts';
import { replacePrivately } from '#host/files.ts';

const ModelSettings = z.looseObject({
  /** Null or absent: the API's own address. */
  baseUrl: z.string().nullish(),
  /** This data directory put a key into the keychain; without it the keychain is never asked. */
  keyStored: z.boolean().nullish(),
  /** What models cost, by id, where the table of Nightshift does not say it or says it wrong. US dollars per million tokens. */
  prices: z.record(z.string(), Price).nullish(),
});
const VaultSettings = z.looseObject({
  /** Opens the encrypted file; null or absent: keys are in the keychain. */
  passphraseFile: z.string().nullish(),
});
const Settings = z.looseObject({ model: ModelSettings.nullish(), vault: VaultSettings.nullish() });
type ModelSettings = z.infer<typeof ModelSettings>;
type VaultSettings = z.infer<typeof VaultSettings>;

/** Throws `input` when the file is there but cannot be read as settings. */
export async function readModelSettings(file: string): Promise<ModelSettings> {
  return (await readAll(file)).model ?? {};
}

/** Atomic, and readable for its owner only. Throws `data.read_only`, `data.full`, or `input` for a broken file. */
export async function changeModelSettings(file: string, change: Partial<ModelSettings>): Promise<void> {
  await changeSection(file, 'model', change);
}

/** As `readModelSettings`. */
export async function readVaultSettings(file: string): Promise<VaultSettings> {
  return (await readAll(file)).vault ?? {};
}

/** As `changeModelSettings`. */
export async function changeVaultSettings(file: string, change: Partial<VaultSettings>): Promise<void> {
  await changeSection(file, 'vault', change);
}

async function changeSection(file: string, section: 'model' | 'vault', change: object): Promise<void> {
  const all = await readAll(file);
  const text = `${JSON.stringify({ ...all, [section]: { ...all[section], ...change } }, null, 2)}\n`;
  try {
    await replacePrivately(file, text);
  } catch (error) {
    throw asFault(error, file);
  }
}

async function readAll(file: string): Promise<z.infer<typeof Settings>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw brokenFile(file, error);
  }
  try {
    return Settings.parse(JSON.parse(text));
  } catch (error) {
    throw brokenFile(file, error);
  }
}

function brokenFile(file: string, cause: unknown): Fault {
  const why = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
  const cure = 'Mend the file, or move it away to start with the defaults.';
  return new Fault('input', `${file} cannot be read as settings: ${why}`, { field: 'settings.json', cure, cause });
}

function asFault(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const cause = { cause: error };
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Fault('data.full', `${file} cannot be written: the disk is full.`, {
      cure: 'Free some space.',
      ...cause,
    });
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return new Fault('data.read_only', `${file} cannot be written (${code}).`, {
      cure: `Make ${dirname(file)} writable for this user.`,
      ...cause,
    });
  return error;
}
