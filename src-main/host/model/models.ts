/** Which model answers: a real one where a key or a local server is there, else recorded answers that say so. */
import { Fault } from '#contract/faults.ts';
import { type ModelStatus, rehearsalNotice } from '#contract/host.ts';
import { leavingWords } from '#contract/models.ts';
import type { Price } from '#contract/prices.ts';
import { priceNotice, ratesOf } from '#core/budget/prices.ts';
import type { Log, Models, ResolvedModel } from '#core/ports.ts';
import type { Paths } from '#host/paths.ts';
import type { Secrets } from '#host/secrets.ts';
import { chooseModel, type FixedModels, refuseUnreadable } from '#host/settings/allowed-models.ts';
import type { VaultChoice } from '#host/vault/chosen-vault.ts';
import type { Vault } from '#host/vault/vault.ts';
import { countTokens, streamMessage } from './anthropic.ts';
import { createCatalogue, type ListAccess } from './catalogue.ts';
import { isLoopback } from './failures.ts';
import { toKey } from './key.ts';
import { listOf, retired, whence } from './model-list.ts';
import { findModel, type ModelFacts, modelTable } from './model-table.ts';
import { accountOf } from './rate-limits.ts';
import { createRehearsal } from './rehearsal.ts';
import { changeModelSettings, readModelSettings } from './settings.ts';

export interface ModelsOptions {
  env: NodeJS.ProcessEnv;
  /** Without a place for them, lists of models are kept in this process only. */
  paths: Pick<Paths, 'settings' | 'unitPrefix'> & Partial<Pick<Paths, 'models'>>;
  vault: Vault;
  /** Left out: the vault is the keychain. */
  choice?: VaultChoice;
  /** Told every key that is found. */
  secrets?: Pick<Secrets, 'know'>;
  log: Log;
  /** What an administrator has fixed now; nothing unless given. */
  fixed?: () => FixedModels;
  /** Tries after the first, for each answer. */
  maxRetries?: number;
}

interface Access {
  key: string;
  /** Where the key is, also when it cannot be read or used just now. */
  source: ModelStatus['key'];
  baseUrl: string | null;
  /** Own prices, by id. */
  prices: Record<string, Price>;
  /** Why no real model can be asked; null when one can. */
  missing: Fault | null;
}

/** What `auto` means with a key. Source: the vendor's advice of November 2026 for work of this kind. */
const defaultModel = 'claude-opus-5-5';
/** The vendor's own address. */
export const usualUrl = 'https://api.anthropic.com';
/** Answers short questions about what a run does: quick, and a fraction of a cent. Source: the vendor's model table of November 2026. */
const smallModel = 'claude-haiku-5-5';
/** About a minute of waiting in all, where the server does not say how long. */
const usualRetries = 6;
const addKey = 'Store one with `nightshift model key` (it reads standard input), or set ANTHROPIC_API_KEY.';
const places = {
  environment: 'in ANTHROPIC_API_KEY',
  keychain: 'in the keychain',
  passphrase_file: 'in the encrypted file',
} as const;
/** Milliseconds for which an unavailable keychain is not asked again; asking may take seconds or raise a prompt. */
const vaultPause = 30_000;

const nothingFixed: FixedModels = { model: null, models: null, baseUrl: null, unreadable: [] };

/**
 * What an administrator fixed wins over everything; then the environment (ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL) over what is stored. A loopback address needs no key:
 * local model servers have none. `env.NIGHTSHIFT_REHEARSAL_PACE` sets the milliseconds between pieces of a recorded answer.
 */
export function createModels(options: ModelsOptions): Models {
  const { env, paths, vault, choice, secrets, log, fixed = () => nothingFixed, maxRetries = usualRetries } = options;
  const account = `${paths.unitPrefix} model key`;
  const rehearsal = createRehearsal({ pace: Number(env.NIGHTSHIFT_REHEARSAL_PACE ?? 10) || 0, log });
  const catalogue = createCatalogue(paths.models ?? null, log);
  const askedForList = new Set<string>();
  let stored: { key: string | null; problem: Fault | null; until: number } | null = null;

  /**
   * The vault is asked only when this data directory has put a key there. `anew`: also when it has answered before,
   * because it may have been locked since, and a new run must not begin on a key that its owner has locked away.
   */
  async function storedKey(anew: boolean): Promise<{ key: string | null; problem: Fault | null }> {
    if (stored && Date.now() < stored.until && !(anew && stored.problem === null)) return stored;
    try {
      const key = await vault.get(account);
      secrets?.know(key);
      stored = key?.trim()
        ? { key, problem: null, until: Number.POSITIVE_INFINITY }
        : { key: null, problem: withheld(), until: Date.now() + vaultPause };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      log.error('the vault', error);
      const why = `A key is stored, but it cannot be read. ${error.message}`;
      const problem = new Fault('model.key_missing', why, { cure: error.cure });
      stored = { key: null, problem, until: Date.now() + vaultPause };
    }
    return stored;
  }

  async function findAccess(anew = false): Promise<Access> {
    const settings = await readModelSettings(paths.settings);
    const baseUrl = fixed().baseUrl?.value || env.ANTHROPIC_BASE_URL || settings.baseUrl || null;
    const at = { baseUrl, prices: settings.prices ?? {} };
    const own = env.ANTHROPIC_API_KEY?.trim();
    if (own) return { ...usable(own, places.environment), source: 'environment', ...at };
    const { key, problem } = settings.keyStored ? await storedKey(anew) : { key: null, problem: null };
    const source = (await choice?.place()) ?? 'keychain';
    if (key) return { ...usable(key, places[source]), source, ...at };
    if (problem) return { key: '', source, ...at, missing: problem };
    if (baseUrl && isLoopback(baseUrl)) return { key: 'no-key-needed', source: 'none', ...at, missing: null };
    const missing = new Fault('model.key_missing', 'There is no API key.', { cure: addKey });
    return { key: '', source: 'none', ...at, missing };
  }

  async function real(id: string, access: Access, routine: string): Promise<ResolvedModel> {
    // Loaded while the run's worktree and sandbox are made, so that the first request does not wait for it.
    void import('@anthropic-ai/sdk').catch(() => {});
    const rates = ratesOf(id, access.prices);
    const notice = priceNotice(id, access.prices);
    const list = { key: access.key, baseUrl: access.baseUrl ?? usualUrl };
    const facts = await catalogue.find(list.baseUrl, id);
    const usual = URL.parse(list.baseUrl)?.origin === usualUrl;
    // Where the address itself has said so there is no need to ask it again.
    const gone = await catalogue.leaving(list.baseUrl, id, true);
    if (gone?.facts.lifecycle === 'retired') throw retired(gone, routine);
    const call = { ...list, model: id, facts, diagnose: usual };
    let refused = false;
    return {
      ...{ id, rehearsal: false, rates, retries: maxRetries },
      structured: () => facts?.structured === true && !refused,
      web: async () => (await knownOf(list, id, facts))?.web ?? { search: false, fetch: false },
      account: { id: accountOf(list.baseUrl, list.key), address: list.baseUrl },
      ...(notice ? { priceNotice: notice } : {}),
      // Source: an answer of the vendor's address in several passes, recorded in August 2026.
      ...(usual ? { caches: true } : {}),
      others: (other) => priceOf(other, access.prices),
      ...(facts?.window ? { window: facts.window } : {}),
      ...(facts?.maxAnswer ? { maxAnswer: facts.maxAnswer } : {}),
      ...sight(id, facts),
      count: (request, signal) => countTokens(call, request, signal),
      async *stream(request, signal) {
        try {
          yield* streamMessage(call, request, signal);
        } catch (error) {
          const bound = request.format !== undefined || request.strict === true;
          refused ||= bound && error instanceof Fault && /^model\.(schema_refused|bad_request)$/.test(error.code);
          throw await catalogue.explain(list, id, routine, error);
        } finally {
          // For the next run. Other addresses are asked for their models only when one is missing there.
          if (usual) void catalogue.renew(list);
        }
      },
    };
  }

  /** What a routine wants of the web is worth a question where nothing says whether it can be had. */
  async function knownOf(list: ListAccess, id: string, facts: ModelFacts | null): Promise<ModelFacts | null> {
    if (facts?.web) return facts;
    await catalogue.renew(list);
    return await catalogue.find(list.baseUrl, id);
  }

  /** The small model for a run on `own`; null: none that the address is known to have. Another address is asked for its list once. */
  async function smallAt({ key, baseUrl }: Access, own: string): Promise<string | null> {
    if (!baseUrl || URL.parse(baseUrl)?.origin === usualUrl) return smallModel;
    // Somebody else's model was chosen: what it works on was never meant for the vendor's.
    if (lineOf(own) === null) return null;
    if (!askedForList.has(baseUrl)) await catalogue.renew({ key, baseUrl });
    askedForList.add(baseUrl);
    const { models, at } = await catalogue.all(baseUrl);
    return at === null ? null : smallIn(models);
  }

  /** What an administrator allows binds whoever judges, too. */
  function mayAsk(id: string): boolean {
    try {
      return chooseModel(id, fixed(), id) === id;
    } catch (error) {
      if (error instanceof Fault) return false;
      throw error;
    }
  }

  async function status(): Promise<ModelStatus> {
    const access = await findAccess().catch((error: unknown): Access => {
      if (!(error instanceof Fault)) throw error;
      return { key: '', source: 'none', baseUrl: null, prices: {}, missing: error };
    });
    const now = fixed();
    const account = access.missing === null ? { account: accountOf(access.baseUrl ?? usualUrl, access.key) } : {};
    const shown = { key: access.source, baseUrl: access.baseUrl, ownPrices: access.prices, ...account };
    let auto: string;
    try {
      auto = chooseModel('auto', now, defaultModel);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { ...shown, auto: 'none', rehearsal: false, detail: `${error.message} ${error.cure ?? ''}`.trim() };
    }
    const notice = priceNotice(auto, access.prices);
    const rehearses = access.missing !== null && access.source === 'none';
    const files = new Set([now.model, now.models, now.baseUrl].flatMap((one) => (one ? [one.file] : [])));
    const by = files.size > 0 ? ` Fixed by ${[...files].join(' and ')}.` : '';
    return {
      ...shown,
      auto: rehearses ? 'rehearsal' : auto,
      rehearsal: rehearses,
      detail: `${describe(access, auto)}${by}${notice && !rehearses ? ` ${notice}` : ''}`,
    };
  }

  return {
    async resolve(wish, recording) {
      if (wish === 'rehearsal') return rehearsal.model(recording);
      const id = chooseModel(wish, fixed(), defaultModel);
      const access = await findAccess(true);
      if (access.missing === null) return await real(id, access, recording);
      // A key that is there and cannot be used must not turn a real routine into a rehearsal overnight.
      if (wish === 'auto' && access.source === 'none') return rehearsal.model(recording);
      const { code, message, cure } = access.missing;
      throw new Fault(code, `The model "${wish}" cannot be asked: ${message}`, { cure });
    },
    async second(own) {
      if (own.rehearsal) return null;
      const access = await findAccess();
      if (access.missing !== null) throw access.missing;
      const small = await smallAt(access, own.id);
      return small === null || small === own.id || !mayAsk(small) ? own : await real(small, access, '<routine>');
    },
    status,
    async setKey(text, passphraseFile) {
      const key = toKey(text, 'that was given');
      secrets?.know(key);
      if (passphraseFile !== undefined) {
        if (!choice) throw new Error('there is no encrypted file to choose');
        await choice.choose(passphraseFile);
      }
      await vault.set(account, key);
      await changeModelSettings(paths.settings, { keyStored: true });
      stored = { key, problem: null, until: Number.POSITIVE_INFINITY };
    },
    async forgetKey() {
      const { keyStored } = await readModelSettings(paths.settings);
      if (keyStored && (await choice?.place()) !== 'passphrase_file') await vault.delete(account);
      await choice?.unchoose();
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
    async priceNotice(wish) {
      if (wish === 'rehearsal') return null;
      const { prices } = await readModelSettings(paths.settings);
      try {
        return priceNotice(chooseModel(wish, fixed(), defaultModel), prices ?? {});
      } catch (error) {
        // It may not be asked at all, which is refused elsewhere.
        if (error instanceof Fault) return null;
        throw error;
      }
    },
    async lifeNotice(wish) {
      if (wish === 'rehearsal') return null;
      try {
        const { baseUrl } = await findAccess();
        const found = await catalogue.leaving(baseUrl ?? usualUrl, chooseModel(wish, fixed(), defaultModel));
        return found && leavingWords({ ...found.facts, successor: found.next?.id ?? null });
      } catch (error) {
        if (error instanceof Fault) return null;
        throw error;
      }
    },
    async list(ask) {
      const access = await findAccess();
      const { auto } = await status();
      const baseUrl = access.baseUrl ?? usualUrl;
      // Without a key there is nobody to ask; what is known is told all the same.
      const who = ask && access.missing === null ? { key: access.key, baseUrl } : undefined;
      const known = await catalogue.all(baseUrl, who);
      return {
        ...{ auto, models: listOf(known, access.prices), listedAt: known.at },
        detail: whence(known, baseUrl),
      };
    },
    async setPrice(model, price) {
      const { prices } = await readModelSettings(paths.settings);
      const { [model]: _, ...others } = prices ?? {};
      await changeModelSettings(paths.settings, { prices: price ? { ...others, [model]: price } : others });
    },
    close: () => rehearsal.close(),
  };
}

const lineOf = (id: string) => findModel(modelTable, id)?.line ?? null;

/** The newest of the vendor's small models that a list has; null: none. */
function smallIn(listed: readonly ModelFacts[]): string | null {
  const small = listed.filter(({ id, lifecycle }) => lifecycle === 'active' && lineOf(id) === lineOf(smallModel));
  const age = ({ id, createdAt }: ModelFacts) => findModel(modelTable, id)?.createdAt ?? createdAt;
  return small.sort((a, b) => age(b).localeCompare(age(a)))[0]?.id ?? null;
}

/** A keychain that was locked after it had been open says that there is nothing, and not that it is locked. */
function withheld(): Fault {
  const why = 'A key was stored, but the keychain does not give it: it is locked, or the key was removed there.';
  return new Fault('model.key_missing', why, {
    cure: 'Unlock the keychain by signing in to the desktop, or store the key anew with `nightshift model key`.',
  });
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
  const key = access.source === 'none' ? 'no key' : `the key ${places[access.source]}`;
  return `${auto} at ${access.baseUrl ?? usualUrl}, with ${key}.`;
}

function priceOf(id: string, own: Record<string, Price>): Pick<ResolvedModel, 'rates' | 'priceNotice'> {
  const notice = priceNotice(id, own);
  return { rates: ratesOf(id, own), ...(notice ? { priceNotice: notice } : {}) };
}

/** A model that nobody knows may refuse a whole conversation over an image; those of the vendor see them. */
function sight(id: string, facts: ModelFacts | null): { seesImages?: boolean } {
  return { seesImages: facts?.images ?? /\bclaude-/.test(id) };
}
