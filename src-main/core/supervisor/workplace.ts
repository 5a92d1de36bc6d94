/** The worktree, the hands and the first checks of one go, made while the first question is already on its way. */
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { isTrial } from '#contract/runs.ts';
import type { SandboxFile } from '#core/instructions/port.ts';
import type { Clock, NetworkSpec, Repositories, RepositoryPlace, Sandbox } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { filesDue } from '#core/talk/files-at.ts';
import type { Snapshots } from '#core/talk/port.ts';
import { runChecks } from './checks.ts';
import { leftParked } from './keep.ts';
import { type SturdyHands, sturdyHands } from './sturdy-hands.ts';

interface Parts {
  store: Store;
  clock: Clock;
  sandbox: Sandbox;
  repositories: Repositories;
  checkouts: string;
  snapshots?: Snapshots;
}

export interface Site {
  repo: RepositoryPlace;
  branch: string;
  base: string;
  /** Where its own branch begins; null: at `base`. */
  start: string | null;
  /** Of the worktree. */
  directory: string;
}

export interface Workplace {
  /** Usable at once: a call waits until the real hands are there. */
  hands: SturdyHands;
  /** Aborts, with the reason, when the place could not be made. */
  broken: AbortSignal;
  /** Resolves when the place is there and the first checks are recorded. Rejects with what `broken` carries. */
  ready: Promise<void>;
}

/** Whether a sandbox could be made the last time, on this machine. */
const lastSandbox = 'last_sandbox';

/**
 * Where the last sandbox could not be made, or none was made yet, it is waited for: a question is not paid for in vain.
 * Throws `sandbox.*` and `repo.*` then; otherwise they come through `broken`. `shown`: files of skills for the sandbox.
 */
export async function openWorkplace(
  parts: Parts,
  run: string,
  spec: RoutineSpec,
  site: Site,
  signal: AbortSignal,
  shown: () => Promise<SandboxFile[]>,
): Promise<Workplace> {
  const { store } = parts;
  const trusted = store.records.fact(lastSandbox) === 'made';
  const broken = new AbortController();
  const made = makeHands(parts, run, spec, site, signal, shown);
  const ready = made.then(() => checkBefore(parts, run, spec, site, signal));
  ready.catch((error: unknown) => broken.abort(error));
  made
    .then(
      () => trusted || store.commit((writer) => writer.records.setFact(lastSandbox, 'made')),
      () => store.commit((writer) => writer.records.setFact(lastSandbox, 'refused')),
    )
    .catch(() => {});
  if (!trusted)
    await ready.catch(async (error: unknown) => {
      await made.then(
        (hands) => hands.close(),
        () => {},
      );
      throw error;
    });
  return { hands: promised(made), broken: broken.signal, ready };
}

async function makeHands(
  parts: Parts,
  run: string,
  spec: RoutineSpec,
  site: Site,
  signal: AbortSignal,
  shown: () => Promise<SandboxFile[]>,
): Promise<SturdyHands> {
  const { store, sandbox, repositories } = parts;
  const { repo, branch, base, start, directory } = site;
  const waited = leftParked(store, run);
  const [place, files] = await Promise.all([repositories.addWorktree(repo, branch, start ?? base, directory), shown()]);
  if (waited && place === 'made')
    throw new Fault(
      'conflict',
      `The worktree of the run was deleted while the run waited, and with it what the run had changed there: ${directory}.`,
      { cure: 'Start the routine again.' },
    );
  await restoreFiles(parts, run, site);
  signal.throwIfAborted();
  const access = spec.permissionMode === 'plan' ? 'read' : 'write';
  const hands = await sturdyHands(() =>
    sandbox.launch({
      run,
      worktree: directory,
      gitDirectory: repo.gitDirectory,
      access,
      ...(files.length > 0 ? { files } : {}),
      ...networkOf(store, run, spec),
    }),
  );
  if (signal.aborted) await hands.close();
  signal.throwIfAborted();
  store.commit((writer) => writer.append({ type: 'sandbox.ready', run, enforced: hands.enforced }));
  return hands;
}

/** A session that went back, or goes on from another one, finds the files of then; before any hands are there. */
async function restoreFiles({ store, snapshots }: Parts, run: string, { repo, directory }: Site): Promise<void> {
  const due = filesDue(store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER }));
  if (!due || !snapshots) return;
  await snapshots.restore(repo, directory, due);
  store.commit((writer) => writer.append({ type: 'files.restored', run, commit: due }));
}

/** Without any host there is no network. A trial run has one that reaches nothing: what it asks for is on record. */
export function networkOf(store: Store, id: string, { network }: RoutineSpec): { network?: NetworkSpec } {
  const run = store.read.run(id);
  if (network.length === 0 && !(run && isTrial(run))) return {};
  const isRegistry = (entry: string) => entry.startsWith('registry:');
  return {
    network: {
      allow: network.filter((entry) => !isRegistry(entry)),
      registries: network.filter(isRegistry).map((entry) => entry.slice('registry:'.length)),
      onAttempt({ host, port, method, decision, code, sent, received }) {
        try {
          store.commit((writer) =>
            writer.append({
              ...{ type: 'net.attempted', run: id, host, port, method, decision, code },
              ...{ bytesOut: sent, bytesIn: received },
            }),
          );
        } catch {
          // The session's own next commit meets the same disk or the same new owner, and ends the run with the reason.
        }
      },
    },
  };
}

async function checkBefore(
  parts: Parts,
  run: string,
  spec: RoutineSpec,
  site: Site,
  signal: AbortSignal,
): Promise<void> {
  const { store } = parts;
  if (spec.checks.length === 0 || store.read.run(run)?.before) return;
  const round = await runChecks(parts, run, site.repo, site.base, spec, signal);
  store.commit((writer) => writer.append({ type: 'checks.finished', run, phase: 'before', round }));
}

function promised(made: Promise<SturdyHands>): SturdyHands {
  let enforced: string[] = [];
  made.then(
    (hands) => {
      enforced = hands.enforced;
    },
    () => {},
  );
  return {
    get enforced() {
      return enforced;
    },
    call: async (tool, input, signal, print) => (await made).call(tool, input, signal, print),
    apart: async (work) => (await made).apart(work),
    close: () =>
      made.then(
        (hands) => hands.close(),
        () => {},
      ),
  };
}
