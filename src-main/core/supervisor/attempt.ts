/** One go at a run, from the worktree to the proposal. Every step is found in the event log, so a go that died is gone on with. */
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { isTrial, type Reason, type Run } from '#contract/runs.ts';
import type { Purse } from '#core/budget/purse.ts';
import { contentHash } from '#core/grants/content.ts';
import type { Grants } from '#core/grants/grants.ts';
import type { Waiting } from '#core/instructions/gather.ts';
import { createHandOver, handOverAtStart } from '#core/instructions/hand-over.ts';
import { noneOfMachine } from '#core/instructions/methods.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { modeJudge } from '#core/permissions/gate.ts';
import type { Judge } from '#core/permissions/judge.ts';
import type {
  Audit,
  Awake,
  Clock,
  Ids,
  InstructionFiles,
  Models,
  Repositories,
  RepositoryPlace,
  ResolvedModel,
  Rules,
  Sandbox,
} from '#core/ports.ts';
import { compose, wordsOf } from '#core/proposals/open.ts';
import { auditTrailer } from '#core/proposals/trailer.ts';
import { openLoops } from '#core/session/open-loops.ts';
import { firstMessage } from '#core/session/prompt.ts';
import { runSession, type SessionEnd } from '#core/session/session.ts';
import type { Store } from '#core/store/event-log.ts';
import { watchRun } from './auto-mode.ts';
import { runChecks } from './checks.ts';
import { endRun } from './end.ts';
import { alertOfPrice } from './price-alert.ts';
import { stayAwake } from './wakeful.ts';
import { openWorkplace, type Site } from './workplace.ts';

export interface AttemptParts {
  store: Store;
  ledger: Ledger;
  clock: Clock;
  ids: Ids;
  models: Models;
  sandbox: Sandbox;
  repositories: Repositories;
  worktrees: string;
  checkouts: string;
  purse: Purse;
  grants: Pick<Grants, 'inForce'>;
  awake?: Awake;
  /** Left out: the mode of the routine alone decides. */
  rules?: Rules;
  audit?: Audit;
  /** Left out: those of the repository alone. */
  instructions?: InstructionFiles;
}

/** Ends with `run.ended` or `run.parked` committed. Rejects only for bugs, for a full disk, and with `run.interrupted` when `signal` says so. */
export async function attempt(parts: AttemptParts, id: string, signal: AbortSignal): Promise<void> {
  const { store } = parts;
  const saved = store.records.spec(id);
  if (!saved) throw new Error(`run ${id} has no spec`);
  const spec = withNetwork(parts, id, saved);
  let repo: RepositoryPlace | null = null;
  const letSleep = parts.awake && spec.policies.keepAwake ? stayAwake(store, parts.awake, id) : undefined;
  try {
    const begun = await begin(parts, id, spec, signal);
    repo = begun.site.repo;
    const end = await work(parts, id, spec, begun, signal);
    if (end.kind === 'parked' && signal.reason !== 'shutdown') signal.throwIfAborted();
    if (end.kind !== 'parked') await conclude(parts, id, spec, begun.site.repo, end, signal);
  } catch (error) {
    if (signal.aborted && signal.reason === 'shutdown')
      throw new Fault('run.interrupted', 'The host is stopping; the next one goes on with the run.');
    if (signal.aborted && signal.reason === 'retry')
      throw new Fault('run.interrupted', 'It did not begin in time; another attempt took its place.');
    const fault = signal.aborted ? stopped(signal) : error;
    if (!(fault instanceof Fault) || fault.code.startsWith('data.')) throw error;
    await fail(parts, id, repo, fault);
  } finally {
    letSleep?.();
  }
}

/**
 * Hosts of its grants and those that a person allowed for this run are reached, too, unless an administrator forbids
 * them; a trial run reaches nothing. A grant that comes or goes counts from the next go on.
 */
function withNetwork({ store, grants }: AttemptParts, id: string, spec: RoutineSpec): RoutineSpec {
  const run = current(store, id);
  if (isTrial(run)) return { ...spec, network: [] };
  const granted = grants.inForce(run.routine, contentHash(spec));
  const allowed = store.read
    .questions({ run: id, state: 'approved', limit: 1000 })
    .flatMap(({ action }) => (action.kind === 'host' ? [action.host.toLowerCase()] : []));
  const hosts = granted.flatMap((it) => (it.kind === 'host' ? [it.host] : []));
  return { ...spec, network: [...new Set([...spec.network, ...hosts, ...allowed])] };
}

function stopped(signal: AbortSignal): Fault {
  const overlapped = signal.reason === 'overlapped';
  return new Fault(
    'run.stopped',
    overlapped ? 'The next occurrence of the routine took its place.' : 'A person stopped the run.',
  );
}

interface Begun {
  site: Site;
  model: ResolvedModel;
}

/** Chooses model and base and records them, once. */
async function begin(parts: AttemptParts, id: string, spec: RoutineSpec, signal: AbortSignal): Promise<Begun> {
  const { store, models, repositories, ledger } = parts;
  const known = current(store, id);
  const directory = join(parts.worktrees, id);
  if (known.startedAt && known.branch && known.base) {
    const repo = await repositories.locate(spec.repository);
    const model = await models.resolve(known.model ?? spec.model, known.routine);
    signal.throwIfAborted();
    // Its price may have been forgotten since it began.
    if (model.priceNotice !== undefined) store.commit((writer) => alertOfPrice(store, writer, id, model));
    return { site: { repo, branch: known.branch, base: known.base, directory }, model };
  }
  const [repo, model] = await Promise.all([
    repositories.inspect(spec.repository),
    models.resolve(spec.model, known.routine),
  ]);
  // An attempt that hung until another one took its place must not write any more.
  signal.throwIfAborted();
  const branch = `${spec.branchPrefix}${known.routine}/${id}`;
  store.commit((writer) => {
    writer.append({
      type: 'run.started',
      run: id,
      model: model.id,
      rehearsal: model.rehearsal,
      permissionMode: spec.permissionMode,
      limits: spec.limits,
      repository: repo.root,
      branch,
      baseBranch: repo.branch,
      base: repo.head,
    });
    alertOfPrice(store, writer, id, model);
    ledger.settle(writer, current(store, id), 'running', null);
  });
  return { site: { repo, branch, base: repo.head, directory }, model };
}

/** The first question leaves before the sandbox is there; a tool call waits for it, and nothing is ever done outside one. */
async function work(
  parts: AttemptParts,
  id: string,
  spec: RoutineSpec,
  { site, model }: Begun,
  signal: AbortSignal,
): Promise<SessionEnd> {
  const { store, clock, ids, purse } = parts;
  const place = await openWorkplace(parts, id, spec, site, signal);
  try {
    const run = current(store, id);
    const machine = parts.instructions ?? noneOfMachine;
    const sources = { repositories: parts.repositories, machine, repo: site.repo, commit: site.base };
    let waiting: Waiting[] | null = null;
    if (run.turns === 0 && !store.events({ after: 0, run: id, limit: 1000 }).some((e) => e.type === 'message.added')) {
      waiting = await handOverAtStart(store, id, sources);
      const now = clock.now();
      const { texts, loops } = openLoops([spec.prompt], { run: id, created: 0, timeZone: spec.timeZone, now });
      const [prompt = spec.prompt] = texts;
      const text = firstMessage({ ...spec, prompt }, run.trigger, run.startedAt ?? new Date(now).toISOString());
      store.commit((writer) => {
        for (const loop of loops) writer.append(loop);
        writer.append({ type: 'message.added', run: id, text, from: 'routine' });
      });
    }
    const either = AbortSignal.any([signal, place.broken]);
    const session = {
      store,
      clock,
      ids,
      purse,
      ...(await watchRun(parts, id, spec, await rulesOf(parts, id, spec, site), model)),
      model: noticed(store, id, model),
      hands: place.hands,
      handOver: createHandOver(store, id, sources, waiting),
      run: id,
      trial: isTrial(run),
      spec,
      signal: either,
    };
    const end = await runSession(session);
    await place.ready;
    return end;
  } catch (error) {
    throw place.broken.aborted && !signal.aborted ? place.broken.reason : error;
  } finally {
    await place.ready.catch(() => {});
    await place.hands.close();
  }
}

/** What the go works by, recorded: rules may differ from those of an earlier go, and then its approvals do not count. */
async function rulesOf(
  { store, rules, grants }: AttemptParts,
  run: string,
  spec: RoutineSpec,
  site: Site,
): Promise<Judge> {
  if (!rules) return modeJudge(spec.permissionMode);
  const { routine } = current(store, run);
  const hash = contentHash(store.records.spec(run) ?? spec);
  const granted = () => grants.inForce(routine, hash).flatMap((it) => (it.kind === 'rule' ? [it.rule] : []));
  const { judge, sources, problems } = await rules.load(spec, site.repo.root, site.directory, granted);
  const { version } = judge;
  store.commit((writer) =>
    writer.append({ type: 'policy.loaded', run, version, mode: spec.permissionMode, sources, problems }),
  );
  return judge;
}

/** Records when the first part of the first answer came: only then has a dispatched run really been at work. */
function noticed(store: Store, run: string, model: ResolvedModel): ResolvedModel {
  let seen = current(store, run).firstByteAt !== null;
  return {
    ...model,
    async *stream(request, signal) {
      for await (const chunk of model.stream(request, signal)) {
        if (!seen) {
          seen = true;
          store.commit((writer) => writer.append({ type: 'run.first_byte', run }));
        }
        yield chunk;
      }
    },
  };
}

/** Commits what the session left, proves it, and opens or revises the proposal. */
async function conclude(
  parts: AttemptParts,
  id: string,
  spec: RoutineSpec,
  repo: RepositoryPlace,
  end: Exclude<SessionEnd, { kind: 'parked' }>,
  signal: AbortSignal,
): Promise<void> {
  const { store, repositories, clock, ids } = parts;
  const run = current(store, id);
  const directory = join(parts.worktrees, id);
  const words = wordsOf(end.proposing, end.lastText);
  const model = run.rehearsal ? 'rehearsal (recorded answers, no AI)' : run.model;
  const trailers = [`Run: ${id}`, `Model: ${model}`, ...(await auditTrailer(parts.audit, id))].join('\n');
  const message = `${words.title}\n\n${words.explanation}\n\n${trailers}`;
  await repositories.commitAll(repo, directory, message);
  const head = (await repositories.head(repo, run.branch as string)) ?? (run.base as string);
  const previous = run.proposal ? store.read.proposal(run.proposal) : undefined;
  const limit: Reason | null = end.kind === 'limit' ? { code: end.code, message: end.message, cure: end.cure } : null;
  if (head === (previous?.head ?? run.base))
    return nothingNew(parts, run, repo, previous?.id, words.explanation, limit);

  const after = spec.checks.length > 0 ? await runChecks(parts, id, repo, head, spec.checks, signal) : null;
  const cutShort = limit ? `${limit.message} The work may be incomplete.` : null;
  const at = new Date(clock.now()).toISOString();
  const material = { run, repo, head, proposing: end.proposing, lastText: end.lastText, cutShort, after, at };
  const proposal = await compose(repositories, material, previous?.id ?? ids.next('prop'), previous);
  store.commit((writer) => {
    if (after) writer.append({ type: 'checks.finished', run: id, phase: 'after', round: after });
    writer.append({ type: previous ? 'proposal.revised' : 'proposal.opened', run: id, proposal });
    endRun(parts, writer, id, { outcome: 'proposed', reason: limit, proposal: proposal.id });
  });
}

async function nothingNew(
  parts: AttemptParts,
  run: Run,
  repo: RepositoryPlace,
  proposal: string | undefined,
  explanation: string,
  limit: Reason | null,
): Promise<void> {
  const { store } = parts;
  if (proposal) {
    const reason: Reason = limit ?? { code: 'nothing_changed', message: explanation };
    store.commit((writer) => endRun(parts, writer, run.id, { outcome: 'proposed', reason, proposal }));
    return;
  }
  await discard(parts, run, repo);
  const reason: Reason = limit ?? { code: 'nothing_changed', message: explanation.slice(0, 20_000) };
  const outcome = limit ? 'failed' : 'nothing_to_propose';
  store.commit((writer) => endRun(parts, writer, run.id, { outcome, reason, proposal: null }));
}

/** A failed or stopped run keeps what it changed, as a commit on its own branch. */
async function fail(parts: AttemptParts, id: string, repo: RepositoryPlace | null, fault: Fault): Promise<void> {
  const { store, repositories } = parts;
  const run = current(store, id);
  let kept = '';
  if (repo && run.branch && !run.proposal) {
    try {
      await repositories.commitAll(repo, join(parts.worktrees, id), `Unfinished work of ${id}\n\n${fault.message}`);
      await discard(parts, run, repo);
      const head = await repositories.head(repo, run.branch);
      if (head) kept = ` What it had changed is on the branch ${run.branch}.`;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      kept = ` Its worktree could not be tidied: ${error.message}`;
    }
  }
  const { code, cure } = fault;
  const reason: Reason = { code, message: fault.message + kept, ...(cure ? { cure } : {}) };
  const outcome = code === 'run.stopped' ? 'stopped' : 'failed';
  store.commit((writer) => endRun(parts, writer, id, { outcome, reason, proposal: run.proposal }));
}

/** The worktree goes; the branch too, unless it holds work. */
async function discard({ repositories, worktrees }: AttemptParts, run: Run, repo: RepositoryPlace): Promise<void> {
  await repositories.removeWorktree(repo, join(worktrees, run.id));
  await repositories.deleteBranch(repo, run.branch as string, run.base as string);
}

function current(store: Store, id: string): Run {
  const run = store.read.run(id);
  if (!run) throw new Error(`run ${id} is unknown`);
  return run;
}
