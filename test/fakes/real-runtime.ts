/** The whole product in this process on real parts: git, bubblewrap, SQLite, the SDK; only the model is scripted. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import type { InstructionFiles } from '#core/instructions/port.ts';
import type { MemoryFiles } from '#core/memory/port.ts';
import type { Awake, Clock, Locks, Machine, Models, Repositories, Rules, Sandbox, Scheduler } from '#core/ports.ts';
import { createRuntime } from '#core/runtime.ts';
import { type AuditDesk, openAuditDesk } from '#host/audit/methods.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { createSnapshots } from '#host/git/snapshots.ts';
import { createModels, type ModelsOptions } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { createSandbox } from '#host/sandbox/launch.ts';
import { createSecrets } from '#host/secrets.ts';
import type { Vault } from '#host/vault/vault.ts';
import { type Step, startMessagesServer } from './messages-server.ts';
import { scratch, silent, spec } from './places.ts';
import { type TestRepository, testRepository } from './repository.ts';

/** Real time, but a test may let days go by. */
export function shiftedClock(): Clock & { pass(ms: number): void } {
  let offset = 0;
  return {
    now: () => systemClock.now() + offset,
    after: (ms, fn) => systemClock.after(ms, fn),
    pass(ms) {
      offset += ms;
    },
  };
}

/** An OS without a scheduler. */
export const noScheduler: Scheduler = {
  sync: async (alarms) =>
    new Map(alarms.map((a) => [a.routine, { state: 'unavailable' as const, detail: 'none here' }])),
  exactness: () => 'exact',
  doctor: async () => [],
  heal: async () => [],
};

/** A machine that tells nothing about itself. */
export const silentMachine: Machine = {
  moment: () => ({ boot: null, uptime: null, awake: null, session: null }),
  conditions: async () => ({ onMains: null, unmetered: null }),
};

export interface Setting {
  script?: Step[];
  /** What the address gives as its list of models; none unless given. */
  list?: object;
  routine?: Partial<RoutineSpec>;
  repository?: TestRepository;
  sandbox?: Sandbox;
  /** Instead of real git; then no files of turns are kept either. */
  repositories?: Repositories;
  awake?: Awake;
  /** Of the OS; there is none unless given. */
  scheduler?: Scheduler;
  rules?: Rules;
  instructions?: InstructionFiles;
  memory?: MemoryFiles;
  locks?: Locks;
  /** What an administrator has fixed about models. */
  fixed?: ModelsOptions['fixed'];
  /** Environment of the model; the scripted server unless given. */
  env?: Record<string, string>;
  home?: string;
  /** That of an earlier host on the same data, so that its days count. */
  clock?: ReturnType<typeof shiftedClock>;
  /** Instead of the one that asks the scripted server. */
  models?: Models;
  /** For the audit key; one that forgets with the process unless given. */
  vault?: Vault;
}

/** Keeps secrets in this process. */
export function memoryVault(): Vault {
  const kept = new Map<string, string>();
  return {
    get: async (account) => kept.get(account) ?? null,
    set: async (account, secret) => void kept.set(account, secret),
    delete: async (account) => void kept.delete(account),
  };
}

/** A failing test and the file that one edit mends. */
export const brokenService = {
  'src/answer.js': 'export const answer = 41;\n',
  'answer.test.js':
    "import { answer } from './src/answer.js';\nif (answer !== 42) {\n  console.log('wrong answer', answer);\n  process.exit(1);\n}\nconsole.log('right answer');\n",
  'package.json': '{ "type": "module" }\n',
};

export async function realRuntime(setting: Setting = {}) {
  const home = setting.home ?? scratch();
  const server = await startMessagesServer(setting.script, setting.list);
  const repository = setting.repository ?? testRepository(brokenService);
  const paths = resolvePaths({ NIGHTSHIFT_HOME: home });
  const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
  const env = setting.env ?? { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url };
  const clock = setting.clock ?? shiftedClock();
  const secrets = createSecrets();
  let desk: AuditDesk | undefined;
  const runtime = createRuntime({
    timeZone: 'UTC',
    ...{ clock, ids: createIds(clock), log: silent, places: paths, machine: silentMachine },
    scheduler: setting.scheduler ?? noScheduler,
    models:
      setting.models ??
      createModels({
        ...{ env, paths, vault, log: silent, maxRetries: 1 },
        ...(setting.fixed ? { fixed: setting.fixed } : {}),
      }),
    sandbox: setting.sandbox ?? createSandbox({ log: silent }),
    repositories: setting.repositories ?? createRepositories({ env: process.env, log: silent }),
    ...(setting.repositories ? {} : { snapshots: createSnapshots(process.env) }),
    ...(setting.awake ? { awake: setting.awake } : {}),
    ...(setting.rules ? { rules: setting.rules } : {}),
    ...(setting.instructions ? { instructions: setting.instructions } : {}),
    ...(setting.memory ? { memory: setting.memory } : {}),
    ...(setting.locks ? { locks: setting.locks } : {}),
    audit(store) {
      const parts = { store, clock, log: silent, paths, version: '0.0.0', secrets };
      desk = openAuditDesk({ ...parts, vault: setting.vault ?? memoryVault() });
      return desk.log;
    },
  });
  onTestFinished(async () => {
    await runtime.close();
    await server.close();
  });
  const { handlers, store } = runtime;
  const routine = spec({
    ...{ repository: repository.root, schedule: 'manual', model: 'claude-opus-5-5', checks: ['node answer.test.js'] },
    ...setting.routine,
  });

  /** Resolves with the event that `wanted` accepts, also one that has happened. */
  function happens(wanted: (event: Event) => boolean): Promise<Event> {
    return new Promise((resolve) => {
      const known = store.events({ after: 0, limit: 100_000 }).find(wanted);
      if (known) return resolve(known);
      const deaf = store.listen((item) => {
        if (item.kind !== 'event' || !wanted(item.event)) return;
        deaf();
        resolve(item.event);
      });
    });
  }

  /** The `n`th end of a run. */
  async function ended(run: string, n = 1): Promise<Run> {
    await happens(
      (event) =>
        event.type === 'run.ended' &&
        event.run === run &&
        store.events({ after: 0, run, limit: 100_000 }).filter((e) => e.type === 'run.ended').length >= n,
    );
    return handlers.runs.get({ run });
  }

  return {
    ...{ runtime, handlers, store, server, repository, clock, paths, routine, happens, ended, secrets },
    audit: desk as unknown as AuditDesk,
    async add(id = 'triage') {
      return handlers.routines.add({ id, spec: routine });
    },
    /** Adds the routine, starts a run and waits for its end. */
    async runOnce(id = 'triage') {
      await handlers.routines.add({ id, spec: routine });
      const { run } = await handlers.routines.run({ routine: id });
      return ended(run);
    },
    events: (run: string) => store.events({ after: 0, run, limit: 100_000 }),
    file: (run: string, path: string) => join(paths.worktrees, run, path),
  };
}
