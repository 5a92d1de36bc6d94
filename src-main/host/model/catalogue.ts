/** What is known of each model: from the list that its own address gives, kept for a day in a file, else from the built-in table. */
import { readFile } from 'node:fs/promises';
import type { ModelInfo } from '@anthropic-ai/sdk/resources/models';
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { Effort } from '#contract/routines.ts';
import { FailedTry } from '#core/budget/failed-try.ts';
import type { Log } from '#core/ports.ts';
import { replacePrivately } from '#host/files.ts';
import { type Leaving, retired } from './model-list.ts';
import { findModel, ModelFacts, modelTable, replacementOf } from './model-table.ts';

export interface ListAccess {
  key: string;
  baseUrl: string;
}

export interface Catalogue {
  /** Null: nothing is known of it. Never asks anybody, never throws. */
  find(baseUrl: string, id: string): Promise<ModelFacts | null>;
  /** Asks the address for its list when the last one is older than a day. Never throws: what is known stays. */
  renew(access: ListAccess): Promise<void>;
  /**
   * What is known of the models of an address. `access`: it is asked first, however old its last list is. `at`: when it
   * gave its list; null: it never did, and these are the vendor's own. Never throws.
   */
  all(baseUrl: string, access?: ListAccess): Promise<{ models: readonly ModelFacts[]; at: string | null }>;
  /** Null: nothing says that it leaves. `listed`: by the address's own list alone. Never asks anybody, never throws. */
  leaving(baseUrl: string, id: string, listed?: boolean): Promise<Leaving | null>;
  /** The error with what the list says of the model, where the API did not know it; any other as it is. `routine`: whose run. */
  explain(access: ListAccess, id: string, routine: string, error: unknown): Promise<unknown>;
}

const List = z.object({ at: z.string(), models: z.array(ModelFacts) });
type List = z.infer<typeof List>;
const File = z.record(z.string(), List);

/** Milliseconds: how long a list is good for, and how long one is waited for. */
const goodFor = 24 * 60 * 60_000;
const patience = 5_000;

/** `file`: where lists are kept, by address; null: in this process only. `now`: milliseconds since the epoch. */
export function createCatalogue(file: string | null, log: Log, now: () => number = Date.now): Catalogue {
  let kept: Promise<Map<string, List>> | undefined;
  const asking = new Map<string, Promise<void>>();

  async function read(): Promise<Map<string, List>> {
    if (file === null) return new Map();
    try {
      return new Map(Object.entries(File.parse(JSON.parse(await readFile(file, 'utf8')))));
    } catch {
      // Absent, or of another version: it is only a copy of what can be asked for again.
      return new Map();
    }
  }

  const lists = () => {
    kept ??= read();
    return kept;
  };

  async function modelsAt(baseUrl: string): Promise<readonly ModelFacts[]> {
    return (await lists()).get(baseUrl)?.models ?? [];
  }

  async function find(baseUrl: string, id: string): Promise<ModelFacts | null> {
    return findModel(await modelsAt(baseUrl), id) ?? findModel(modelTable, id);
  }

  async function ask(access: ListAccess): Promise<void> {
    try {
      const models = await listModels(access);
      const all = await lists();
      all.set(access.baseUrl, { at: new Date(now()).toISOString(), models });
      if (file !== null) await replacePrivately(file, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
    } catch (error) {
      log.info('the list of models cannot be had', { why: (error as Error).message.slice(0, 200) });
    }
  }

  function askOnce(access: ListAccess): Promise<void> {
    const running = asking.get(access.baseUrl) ?? ask(access).finally(() => asking.delete(access.baseUrl));
    asking.set(access.baseUrl, running);
    return running;
  }

  return {
    find,
    async renew(access) {
      const last = (await lists()).get(access.baseUrl);
      if (!last || now() - Date.parse(last.at) > goodFor) await askOnce(access);
    },
    async all(baseUrl, access) {
      if (access) await askOnce(access);
      const own = (await lists()).get(baseUrl);
      return own ? { models: own.models, at: own.at } : { models: modelTable, at: null };
    },
    async leaving(baseUrl, id, listed = false) {
      const own = await modelsAt(baseUrl);
      return listed && !findModel(own, id) ? null : leavingIn(own, id);
    },
    async explain(access, id, routine, error) {
      if (!(error instanceof Fault) || error.code !== 'model.unknown') return error;
      await askOnce(access);
      const own = await modelsAt(access.baseUrl);
      const found = leavingIn(own, id);
      if (found?.facts.lifecycle !== 'retired') return error;
      const fault = retired(found, routine);
      return error instanceof FailedTry ? new FailedTry(fault, error.facts) : fault;
    },
  };
}

function leavingIn(own: readonly ModelFacts[], id: string): Leaving | null {
  const facts = findModel(own, id) ?? findModel(modelTable, id);
  if (!facts || facts.lifecycle === 'active') return null;
  return { facts, next: replacementOf(own, facts) ?? replacementOf(modelTable, facts) };
}

/** The whole list, retired models included. Throws what the SDK throws. */
async function listModels({ key, baseUrl }: ListAccess): Promise<ModelFacts[]> {
  const { Anthropic } = await import('@anthropic-ai/sdk');
  const client = new Anthropic({ apiKey: key, baseURL: baseUrl, maxRetries: 0, logLevel: 'off', openTelemetry: false });
  const lifecycle: ModelInfo['lifecycle'][] = ['active', 'deprecated', 'retired'];
  const signal = AbortSignal.timeout(patience);
  const page = await client.models.list({ limit: 1000, lifecycle }, { signal, timeout: patience });
  return page.data.flatMap((info) => toFacts(info));
}

/** None for an entry without an id. Servers of this protocol leave out much of what the vendor says. */
function toFacts(info: Partial<ModelInfo>): ModelFacts[] {
  const { id, display_name, line, max_input_tokens, max_tokens, capabilities, lifecycle, retires_at, created_at } =
    info;
  if (typeof id !== 'string') return [];
  const effort = capabilities?.effort;
  const types = capabilities?.thinking?.types;
  const parsed = ModelFacts.safeParse({
    ...{ id, name: display_name ?? id, line: line ?? null },
    ...{ window: max_input_tokens ?? null, maxAnswer: max_tokens ?? null },
    efforts: effort ? Effort.options.filter((level) => effort.supported && effort[level]?.supported) : null,
    thinking: types
      ? { adaptive: types.adaptive?.supported === true, disabled: types.disabled?.supported === true }
      : null,
    ...{ structured: capabilities?.structured_outputs?.supported ?? null, web: webOf(capabilities) },
    images: capabilities?.image_input?.supported ?? null,
    ...{ lifecycle: lifecycle ?? 'active', retiresAt: retires_at ?? null, createdAt: created_at ?? '' },
  });
  return parsed.success ? [parsed.data] : [];
}

/** The list names the search alone; whoever has server tools and a search has the fetch, too. */
function webOf(capabilities: ModelInfo['capabilities'] | undefined): ModelFacts['web'] {
  const tools = capabilities?.server_tools;
  if (!tools) return null;
  const search = tools.supported === true && tools.web_search?.supported === true;
  return { search, fetch: search };
}
