/** Goes on here with a session that was handed over elsewhere; a file that is not sound changes nothing. */
import { constants, open } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { Fault } from '#contract/faults.ts';
import { RoutineSpec } from '#contract/routines.ts';
import type { Origin } from '#contract/session-events.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Locks, Repositories } from '#core/ports.ts';
import { requireSoundRules } from '#core/routines/spec-change.ts';
import type { Store } from '#core/store/event-log.ts';
import { goOnWords, wholeTurn, writeHeir } from '#core/talk/fork.ts';
import type { Snapshots } from '#core/talk/port.ts';
import { readBundle } from './bundle-file.ts';
import { asLookedThrough, taintsIn } from './look-through.ts';

export interface TakeParts {
  store: Store;
  ledger: Pick<Ledger, 'queue'>;
  repositories: Pick<Repositories, 'inspect'>;
  snapshots: Snapshots;
  locks?: Pick<Locks, 'routine'>;
  /** Starts what waits. */
  kick(): void;
}

/** Bytes. */
const mostBytes = 128_000_000;

/** The new run. Throws `input`, `unsupported`, `conflict` where the file was taken already, `repo.*`. */
export async function take(
  parts: TakeParts,
  { file, repository, prompt }: { file: string; repository: string; prompt?: string | undefined },
): Promise<string> {
  const { store, repositories, snapshots } = parts;
  const { head, events, git } = readBundle(await textOf(file));
  requireNew(store, head);
  const repo = await repositories.inspect(repository);
  if (!(await snapshots.has(repo, head.base)))
    throw new Fault('input', `${repo.root} does not have the commit that the session began with: ${head.base}.`, {
      field: 'repository',
      cure: 'Fetch it there first, or name a clone of the same repository.',
    });
  const spec = ownSpec(head.spec, repo.root);
  parts.locks?.routine(spec);
  requireSoundRules(spec);
  const turns = events.reduce(
    (most, event) => (event.type === 'message.finished' ? Math.max(most, event.turn) : most),
    0,
  );
  const { history } = wholeTurn(asLookedThrough(events), { id: head.run, turns }, head.turn);
  // What there is to call is found here when it begins; there it may have been something else.
  const given = { offered: [], left: null, taints: await taintsIn(events, head.run) };
  if (git.length > 0) await snapshots.unpack(repo, git);
  for (const commit of [head.start, head.files])
    if (!(await snapshots.has(repo, commit)))
      throw new Fault('input', `The session does not bring the commit that it names: ${commit}.`, {
        field: 'file',
        cure: 'Write it again where it came from: `nightshift runs bundle <run> --out <file>`.',
      });
  const start = await snapshots.branchAt(repo, head.files);
  const run = store.commit((writer) => {
    // Somebody may have taken it meanwhile.
    requireNew(store, head);
    return writeHeir(
      { ...parts, writer },
      {
        ...{ spec, given, prompt: prompt ?? goOnWords.bundle, history: { ...history, skilled: false } },
        from: { run: head.run, turn: head.turn, how: 'bundle' },
        place: { base: head.base, baseBranch: repo.branch, start, files: head.files },
      },
    );
  });
  await snapshots.hold(repo, run, head.files);
  parts.kick();
  return run;
}

function requireNew(store: Store, { run, turn }: Pick<Origin, 'run' | 'turn'>): void {
  const known = store.read
    .runs({ limit: 10_000 })
    .find(({ origin }) => origin?.how === 'bundle' && origin.run === run && origin.turn === turn);
  if (!known) return;
  throw new Fault('conflict', `This session goes on here already, as ${known.id}.`, {
    field: 'file',
    cure: `Talk to that one: \`nightshift runs say ${known.id} '…'\`.`,
  });
}

/**
 * What a file from elsewhere wants is done by the rules of here: nothing of it is allowed that is not allowed to any task.
 * It looks nothing up, keeps nothing in the memory without a person, and switches no hooks off.
 */
function ownSpec(spec: RoutineSpec, repository: string): RoutineSpec {
  const { dollars } = RoutineSpec.shape.limits.parse(undefined);
  return RoutineSpec.parse({
    ...{ ...spec, repository, network: [], branchPrefix: undefined },
    ...{ web: undefined, hooks: spec.hooks === 'required' ? spec.hooks : undefined },
    memory: spec.memory === 'off' ? spec.memory : 'review',
    permissions: { ...spec.permissions, allow: [] },
    limits: { ...spec.limits, dollars: Math.min(spec.limits.dollars, dollars) },
  });
}

async function textOf(file: string): Promise<string> {
  const unreadable = (why: string) =>
    new Fault('input', `${file} cannot be read: ${why}.`, {
      field: 'file',
      cure: 'Name the file that `runs bundle` wrote.',
    });
  if (!isAbsolute(file)) throw unreadable('it does not say where it begins');
  // Not waited for: what stands there may be a pipe.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(error.code ?? 'the system refuses');
  });
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw unreadable('it is no file');
    if (facts.size > mostBytes) throw unreadable(`it is larger than ${mostBytes / 1e6} MB`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
