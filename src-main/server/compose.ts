/** Wires the product to this machine; the only place that knows both. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import type { DoctorCheck } from '#contract/host.ts';
import { workspace } from '#core/permissions/judge.ts';
import type { Locks, Log, Models } from '#core/ports.ts';
import { createRuntime, type Runtime } from '#core/runtime.ts';
import { type AuditDesk, openAuditDesk } from '#host/audit/methods.ts';
import { createDemo } from '#host/demo/create.ts';
import { demoRoutine, demoRoutineId } from '#host/demo/routine.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { createSnapshots } from '#host/git/snapshots.ts';
import { handingOver } from '#host/handover/methods.ts';
import { createInstructionFiles } from '#host/instructions/machine-files.ts';
import { wantsContent } from '#host/log.ts';
import { createMemoryFiles } from '#host/memory/memory-files.ts';
import { createCatalogue } from '#host/model/catalogue.ts';
import type { ModelFacts } from '#host/model/model-table.ts';
import { createModels, usualUrl } from '#host/model/models.ts';
import type { Paths } from '#host/paths.ts';
import { createAwake } from '#host/presence/awake.ts';
import { createMachine } from '#host/presence/machine.ts';
import { exportCassette } from '#host/replay/export.ts';
import { logRuns } from '#host/run-log.ts';
import { createSandbox } from '#host/sandbox/launch.ts';
import { createScheduler } from '#host/scheduler/pick.ts';
import { entry } from '#host/self.ts';
import { effectiveSettings, examineSettings } from '#host/settings/effective.ts';
import { createLocks } from '#host/settings/locks.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { readManaged } from '#host/settings/settings.ts';
import { openTelemetry } from '#host/telemetry/telemetry.ts';
import { createChosenVault } from '#host/vault/chosen-vault.ts';
import { createVault } from '#host/vault/vault.ts';
import { createDrills } from './drill.ts';
import { hostMethods } from './host-methods.ts';
import type { Compose } from './host-process.ts';
import { productVersion } from './version.ts';

export const compose: Compose = async ({ paths, env, key, log, clock, ids, fence, secrets, surroundings }) => {
  const entries = { cli: entry('cli'), host: entry('host') };
  const where = { home: homedir(), platform: process.platform };
  const locks = createLocks(where);
  const vault = createChosenVault(createVault({ env }), paths);
  // The audit key is asked for at night, when nobody answers a prompt.
  const quiet = createChosenVault(createVault({ env, deadlines: { read: 3_000, write: 5_000 } }), paths);
  const models = createModels({
    env: key ? { ...env, ANTHROPIC_API_KEY: key } : env,
    paths,
    vault,
    choice: vault,
    secrets,
    log,
    fixed: () => readManaged(where),
  });
  let desk: AuditDesk | undefined;
  const sandbox = createSandbox({ log, ahead: true });
  const [trees, snapshots] = [createRepositories({ env, log }), createSnapshots(env)];
  const runtime = createRuntime({
    rules: createRules(where),
    instructions: createInstructionFiles(where),
    memory: createMemoryFiles({ ...where, folder: paths.memory }),
    locks,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...{ clock, ids, log, models, fence, places: paths },
    sandbox,
    repositories: trees,
    snapshots,
    machine: createMachine({ env }),
    awake: createAwake({ env, log }),
    audit(store) {
      const version = productVersion();
      desk = openAuditDesk({ store, clock, log, paths, version, secrets, vault: quiet });
      return desk.log;
    },
    scheduler: createScheduler({ paths, exec: process.execPath, entries, env, clock }),
  });
  if (!desk) throw new Error('the runtime has opened no audit log');
  const activity = { busy: runtime.busy, onIdle: runtime.onIdle, neededUntil: runtime.neededUntil };
  const facts = async () => ({
    activeRuns: runtime.open().length,
    openProposals: runtime.store.read.proposals({ state: 'open', limit: 1000 }).length,
    model: await runtime.handlers.model.status(undefined),
    seq: runtime.store.seq(),
  });
  const handing = handingOver({
    ...{ runtime, secrets, repositories: trees, snapshots, locks },
    version: productVersion(),
  });
  const drills = createDrills(log);
  const repositories = async () =>
    (await runtime.handlers.routines.list(undefined)).flatMap(({ spec }) => (spec ? [spec.repository] : []));
  const doctor = async (how: { fix: boolean; sandbox: boolean }) => [
    ...(await runtime.doctor(how.fix, how.sandbox)),
    await examineModel(models),
    ...examineSettings(where, await repositories()),
  ];
  runtime.store.commit((writer) =>
    writer.append({ type: 'host.started', pid: process.pid, version: productVersion() }),
  );
  runtime.start();
  const endRunLog = logRuns(runtime.store, log, wantsContent(env));
  const telemetry = openTelemetry({ store: runtime.store, clock, log, version: productVersion() });
  return {
    handlers: {
      ...runtime.handlers,
      runs: {
        ...runtime.handlers.runs,
        cassette: ({ run }) =>
          exportCassette(
            {
              ...{ store: runtime.store, secrets, version: productVersion(), facts: factsAt(models, paths, log) },
              repositories: trees,
              seenAt: (id) => sandbox.seenAt?.(join(paths.worktrees, id)) ?? workspace,
            },
            run,
          ),
        ...handing,
      },
      audit: desk.methods,
      telemetry: telemetry.methods,
      settings: settingsMethods(where),
      demo: demoMethods(runtime, paths.demo, locks),
      drill: {
        async run(_, signal) {
          locks.feature('drill');
          return drills.run(signal);
        },
      },
      host: hostMethods({ surroundings, activity, facts, doctor }),
    },
    activity,
    async close(why) {
      drills.close();
      telemetry.close();
      endRunLog();
      runtime.store.commit((writer) => writer.append({ type: 'host.stopped', pid: process.pid, why }));
      await runtime.close();
    },
  };
};

/** What the address that is asked says of a model, as it was told there last. */
function factsAt(models: Models, paths: Paths, log: Log): (model: string) => Promise<ModelFacts | null> {
  const catalogue = createCatalogue(paths.models, log);
  return async (model) => catalogue.find((await models.status()).baseUrl ?? usualUrl, model);
}

function demoMethods(
  { handlers: { routines } }: Pick<Runtime, 'handlers'>,
  directory: string,
  locks: Locks,
): Handlers['demo'] {
  return {
    create: async () => {
      locks.feature('demo');
      await createDemo({ directory });
      const known = (await routines.list(undefined)).find((routine) => routine.id === demoRoutineId);
      const routine =
        known ?? (await routines.add({ id: demoRoutineId, spec: await demoRoutine({ repository: directory }) }));
      return { routine, repository: directory };
    },
  };
}

function settingsMethods(where: { home: string; platform: NodeJS.Platform }): Handlers['settings'] {
  return {
    async effective({ repository = null } = {}) {
      if (repository !== null && !isAbsolute(repository))
        throw new Fault('input', `${repository} does not say where it begins.`, {
          field: 'repository',
          cure: 'Give the whole path of the folder.',
        });
      return effectiveSettings({ ...where, root: repository });
    },
  };
}

async function examineModel(models: Models): Promise<DoctorCheck> {
  const { rehearsal, detail, key } = await models.status();
  if (rehearsal) return { name: 'Model', state: 'warning', detail, cure: 'Store a key with `nightshift model key`.' };
  if (key === 'environment')
    return {
      name: 'Model',
      state: 'warning',
      detail: `${detail} The OS timer does not know this environment: a host that it starts has no key.`,
      cure: 'Store the key with `nightshift model key`, so that nights without an open window have it too.',
    };
  return { name: 'Model', state: 'ok', detail };
}
