/** Which model answers: a real one where a key or a local server is there, else recorded answers that say so. */
import { Fault } from '#contract/faults.ts';
import { type ModelStatus, rehearsalNotice } from '#contract/host.ts';
import type { Log, Models, ResolvedModel } from '#core/ports.ts';
import type { Paths } from '#host/paths.ts';
import { chooseModel, type FixedModels, refuseUnreadable } from '#host/settings/allowed-models.ts';
import type { Vault } from '#host/vault/vault.ts';
import { streamMessage } from './anthropic.ts';
import { isLoopback } from './failures.ts';
import { toKey } from './key.ts';
import { createRehearsal } from './rehearsal.ts';
import { changeModelSettings, readModelSettings } from './settings.ts';

export interface ModelsOptions {
  env: NodeJS.ProcessEnv;
  paths: Pick<Paths, 'settings' | 'unitPrefix'>;
  vault: Vault;
  log: Log;
  /** What an administrator has fixed now; nothing unless given. */
  fixed?: () => FixedModels;
  /** Attempts after the first, for each model call. */
  maxRetries?: number;
}

interface Access {
  key: string;
  /** Where the key is, also when it cannot be read or used just now. */
  source: 'environment' | 'keychain' | 'none';
  baseUrl: string | null;
  /** Why no real model can be asked; null when one can. */
  missing: Fault | null;
}

/** What `auto` means with a key. Source: the vendor's advice of November 2026 for work of this kind. */
const defaultModel = 'claude-opus-5-5';
const usualUrl = 'https://api.anthropic.com';
const addKey = 'Store one with `nightshift model key` (it reads standard input), or set ANTHROPIC_API_KEY.';
/** Milliseconds for which an unavailable keychain is not asked again; asking may take seconds or raise a prompt. */
const vaultPause = 30_000;

const nothingFixed: FixedModels = { model: null, models: null, baseUrl: null, unreadable: [] };

/**
 * What an administrator fixed wins over everything; then the environment (ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL) over what is stored. A loopback address needs no key:
 * local model servers have none. `env.NIGHTSHIFT_REHEARSAL_PACE` sets the milliseconds between pieces of a recorded answer.
 */
export function createModels(options: ModelsOptions): Models {
  const { env, paths, vault, log, fixed = () => nothingFixed, maxRetries = 3 } = options;
  const account = `${paths.unitPrefix} model key`;
  const rehearsal = createRehearsal({ pace: Number(env.NIGHTSHIFT_REHEARSAL_PACE ?? 10) || 0, log });
  let stored: { key: string | null; problem: Fault | null; until: number } | null = null;

  /** The keychain is asked only when this data directory has put a key there, and then once. */
  async function storedKey(): Promise<{ key: string | null; problem: Fault | null }> {
    if (stored && Date.now() < stored.until) return stored;
    try {
      stored = { key: await vault.get(account), problem: null, until: Number.POSITIVE_INFINITY };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      log.error('keychain', error);
      const why = `A key is stored, but it cannot be read. ${error.message}`;
      const problem = new Fault('model.key_missing', why, { cure: error.cure });
      stored = { key: null, problem, until: Date.now() + vaultPause };
    }
    return stored;
  }

  async function findAccess(): Promise<Access> {
    const settings = await readModelSettings(paths.settings);
    const baseUrl = fixed().baseUrl?.value || env.ANTHROPIC_BASE_URL || settings.baseUrl || null;
    const own = env.ANTHROPIC_API_KEY?.trim();
    if (own) return { ...usable(own, 'in ANTHROPIC_API_KEY'), source: 'environment', baseUrl };
    const { key, problem } = settings.keyStored ? await storedKey() : { key: null, problem: null };
    if (key?.trim()) return { ...usable(key, 'in the keychain'), source: 'keychain', baseUrl };
    if (baseUrl && isLoopback(baseUrl)) return { key: 'no-key-needed', source: 'none', baseUrl, missing: null };
    if (problem) return { key: '', source: 'keychain', baseUrl, missing: problem };
    const missing = new Fault('model.key_missing', 'There is no API key.', { cure: addKey });
    return { key: '', source: 'none', baseUrl, missing };
  }

  function real(id: string, access: Access): ResolvedModel {
    // Loaded while the run's worktree and sandbox are made, so that the first request does not wait for it.
    void import('@anthropic-ai/sdk').catch(() => {});
    const call = { key: access.key, baseUrl: access.baseUrl ?? usualUrl, model: id, maxRetries };
    return { id, rehearsal: false, stream: (request, signal) => streamMessage(call, request, signal) };
  }

  async function status(): Promise<ModelStatus> {
    const access = await findAccess().catch((error: unknown): Access => {
      if (!(error instanceof Fault)) throw error;
      return { key: '', source: 'none', baseUrl: null, missing: error };
    });
    const now = fixed();
    const shown = { key: access.source, baseUrl: access.baseUrl };
    let auto: string;
    try {
      auto = chooseModel('auto', now, defaultModel);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { ...shown, auto: 'none', rehearsal: false, detail: `${error.message} ${error.cure ?? ''}`.trim() };
    }
    const rehearses = access.missing !== null && access.source === 'none';
    const files = new Set([now.model, now.models, now.baseUrl].flatMap((one) => (one ? [one.file] : [])));
    const by = files.size > 0 ? ` Fixed by ${[...files].join(' and ')}.` : '';
    return {
      ...shown,
      auto: rehearses ? 'rehearsal' : auto,
      rehearsal: rehearses,
      detail: `${describe(access, auto)}${by}`,
    };
  }

  return {
    async resolve(wish, recording) {
      if (wish === 'rehearsal') return rehearsal.model(recording);
      const id = chooseModel(wish, fixed(), defaultModel);
      const access = await findAccess();
      if (access.missing === null) return real(id, access);
      // A key that is there and cannot be used must not turn a real routine into a rehearsal overnight.
      if (wish === 'auto' && access.source === 'none') return rehearsal.model(recording);
      const { code, message, cure } = access.missing;
      throw new Fault(code, `The model "${wish}" cannot be asked: ${message}`, { cure });
    },
    status,
    async setKey(text) {
      const key = toKey(text, 'that was given');
      await vault.set(account, key);
      await changeModelSettings(paths.settings, { keyStored: true });
      stored = { key, problem: null, until: Number.POSITIVE_INFINITY };
    },
    async forgetKey() {
      const { keyStored } = await readModelSettings(paths.settings);
      if (keyStored) await vault.delete(account);
      await changeModelSettings(paths.settings, { keyStored: false });
      stored = null;
    },
    async setBaseUrl(url) {
      const { baseUrl, unreadable } = fixed();
      refuseUnreadable(unreadable);
      if (baseUrl)
        throw new Fault('input', `The address of the model is fixed by ${baseUrl.file}: ${baseUrl.value}`, {
          field: 'url',
          cure: 'Ask whoever administers this machine.',
        });
      await changeModelSettings(paths.settings, { baseUrl: url });
    },
    close: () => rehearsal.close(),
  };
}

function usable(text: string, from: string): Pick<Access, 'key' | 'missing'> {
  try {
    return { key: toKey(text, from), missing: null };
  } catch (error) {
    if (error instanceof Fault) return { key: '', missing: error };
    throw error;
  }
}

function describe(access: Access, auto: string): string {
  if (access.missing !== null) {
    const { message, cure } = access.missing;
    const why = `${message} ${cure ?? ''}`.trim();
    return access.source === 'none' ? `${rehearsalNotice}. ${why}` : why;
  }
  const from = { environment: 'the key from ANTHROPIC_API_KEY', keychain: 'the key from the keychain', none: 'no key' };
  return `${auto} at ${access.baseUrl ?? usualUrl}, with ${from[access.source]}.`;
}
