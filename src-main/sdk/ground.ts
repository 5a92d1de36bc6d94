/** What an agent stands on: a store of its own, the models of this machine, money, and rules; opened together and closed together. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import { ratesOf } from '#core/budget/prices.ts';
import { createPurse, type Purse } from '#core/budget/purse.ts';
import { startOfDay } from '#core/ledger/local-time.ts';
import { workspace } from '#core/permissions/judge.ts';
import type { Clock, Ids, Log, Models, ResolvedModel } from '#core/ports.ts';
import { createQuestions, type Questions } from '#core/questions/questions.ts';
import { openStore, type Store } from '#core/store/event-log.ts';
import { createWeather } from '#core/weather/weather.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { prepareDataDirectory } from '#host/data-directory.ts';
import { acquireLease } from '#host/lease.ts';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { createSandbox } from '#host/sandbox/launch.ts';
import { resource } from '#host/self.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { readManaged } from '#host/settings/settings.ts';
import type { Wanted } from './options.ts';

export interface Ground {
  store: Store;
  clock: Clock;
  ids: Ids;
  purse: Purse;
  questions: Questions;
  rules: ReturnType<typeof createRules>;
  /** Whose settings files count. */
  settingsOf: string;
  sandbox: ReturnType<typeof createSandbox>;
  /** Path of the sandbox's folder inside. */
  seenAt: string;
  models: Models;
  model: ResolvedModel;
  /** Another model, by id or alias. Throws as `Models.resolve`, and `model.key_missing`. */
  resolve(wish: string): Promise<ResolvedModel>;
  fallback(): Promise<ResolvedModel | null>;
  close(): Promise<void>;
}

const log: Log = { info: () => {}, error: () => {} };
/** A key comes from the program, which may take it from wherever it likes. */
const noVault = { get: async () => null, set: async () => {}, delete: async () => {} };
/** Keeps no program alive by itself. */
const quietClock: Clock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Throws `input`, `conflict`, `data.*` and `model.key_missing`, with nothing left open. */
export async function openGround(wanted: Wanted): Promise<Ground> {
  const { options, spec } = wanted;
  // Nobody else's settings of models count; without a folder nothing is there.
  const paths = resolvePaths({ NIGHTSHIFT_HOME: wanted.store ?? resource('no-store') });
  const letGo = wanted.store === null ? () => {} : hold(wanted.store);
  const clock = systemClock;
  let store: Store | undefined;
  let close = async () => letGo();
  try {
    store = openStore(wanted.store === null ? ':memory:' : join(wanted.store, 'sessions.db'), clock);
    const opened = store;
    close = async () => {
      opened.close();
      letGo();
    };
    const purse = createPurse({ store, clock, startOfDay: (at) => startOfDay(at, spec.timeZone) });
    purse.recover();
    purse.setDayCap(Math.floor(spec.limits.dollarsPerDay * 1e6));
    const weather = createWeather({ store, clock: quietClock, log });
    const where = { home: options.settings ? homedir() : resource('no-settings'), platform: process.platform };
    const models = weather.over(
      createModels({ env: environment(options), paths, vault: noVault, log, fixed: () => readManaged(where) }),
    );
    close = async () => {
      weather.close();
      await models.close();
      opened.close();
      letGo();
    };
    const sandbox = createSandbox({ log });
    const model = await resolved(models, options, spec.model);
    const { fallbackModel } = options;
    return {
      ...{ store, clock, ids: createIds(clock), purse, sandbox, models, model, close },
      resolve: async (wish) => (wish === model.id ? model : await resolved(models, options, wish)),
      questions: createQuestions({ store, clock, purse, grants: noGrants, wake: () => {} }),
      rules: createRules(where),
      settingsOf: options.settings && wanted.directory !== null ? wanted.directory : where.home,
      seenAt: (wanted.directory !== null && sandbox.seenAt?.(wanted.directory)) || workspace,
      fallback: async () => (fallbackModel === undefined ? null : await resolved(models, options, fallbackModel)),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function environment({ apiKey, baseUrl }: Wanted['options']): NodeJS.ProcessEnv {
  const { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL } = process.env;
  return { ANTHROPIC_API_KEY: apiKey ?? ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL: baseUrl ?? ANTHROPIC_BASE_URL };
}

/** A program that wants a model never gets recorded answers in its place. */
async function resolved(models: Models, options: Wanted['options'], wish: string): Promise<ResolvedModel> {
  const model = await models.resolve(wish, '').catch((error: unknown) => {
    throw error instanceof Fault && error.code === 'model.key_missing' ? noKey(error) : error;
  });
  if (model.rehearsal) throw noKey();
  const { price } = options;
  // What it says is said of the agent's own, and of what nothing else is known of.
  if (!price || (wish !== options.model && model.priceNotice === undefined)) return model;
  const { priceNotice: _, ...known } = model;
  return { ...known, rates: ratesOf(model.id, { [model.id]: price }) };
}

function noKey(cause?: Fault): Fault {
  return new Fault('model.key_missing', cause?.message ?? 'There is no API key.', {
    ...{ field: 'apiKey', cause },
    cure: 'Pass apiKey, or set ANTHROPIC_API_KEY; a model server on this machine (baseUrl) needs none.',
  });
}

/** One agent at a time, in this process or another: two would write into each other's sessions. */
function hold(folder: string): () => void {
  prepareDataDirectory(folder);
  const answer = acquireLease(resolvePaths({ NIGHTSHIFT_HOME: folder }), quietClock, () => {});
  if (answer.held) return () => answer.lease.release();
  throw new Fault('conflict', `Another agent has the sessions in ${folder}: the process ${answer.holder.pid}.`, {
    field: 'store',
    cure: 'Close that one first, or give this one a folder of its own.',
  });
}

const noGrants = {
  fromAnswer: (): never => {
    throw new Fault('unsupported', 'An answer holds once here.', { cure: 'Write a rule into permissions.allow.' });
  },
  give: (): never => {
    throw new Error('nothing was granted');
  },
};
