/** One go at a run, from the worktree to the proposal. Every step is found in the event log, so a go that died is gone on with. */
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { type CheckRound, isTrial, type Reason, type Run } from '#contract/runs.ts';
import { createKindBook } from '#core/agents/book.ts';
import { createCrew } from '#core/agents/crew.ts';
import { alertOfPrice } from '#core/budget/price-alert.ts';
import type { Purse } from '#core/budget/purse.ts';
import { contentHash } from '#core/grants/content.ts';
import type { Grants } from '#core/grants/grants.ts';
import { createHandOver } from '#core/instructions/hand-over.ts';
import { noneOfMachine } from '#core/instructions/methods.ts';
import type { InstructionFiles } from '#core/instructions/port.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { createMemoryBook } from '#core/memory/book.ts';
import type { MemoryFiles } from '#core/memory/port.ts';
import { unmet } from '#core/outcomes/unmet.ts';
import { workspace } from '#core/permissions/judge.ts';
import type {
  Audit,
  Awake,
  Clock,
  Ids,
  Models,
  Repositories,
  RepositoryPlace,
  ResolvedModel,
  Rules,
  Sandbox,
} from '#core/ports.ts';
import { compose, wordsOf } from '#core/proposals/open.ts';
import { isFresh } from '#core/questions/bind.ts';
import type { Lead } from '#core/session/crew.ts';
import { holdFor } from '#core/session/hold.ts';
import { createSkillBook } from '#core/skills/book.ts';
import type { Store } from '#core/store/event-log.ts';
import { inheritedBy, startOf } from '#core/talk/inherited.ts';
import { keepFiles } from '#core/talk/keep-files.ts';
import type { Snapshots } from '#core/talk/port.ts';
import { placeOf } from './agent-place.ts';
import { watchRun } from './auto-mode.ts';
import { runChecks } from './checks.ts';
import { endRun } from './end.ts';
import { firstWords } from './first-words.ts';
import { rulesOf } from './go-rules.ts';
import { discard, keepAndEnd, wasStopped } from './keep.ts';
import { keepAgents } from './keep-agents.ts';
import { type Ended, keepWork, standsStill } from './keep-work.ts';
import { offerTools } from './offer.ts';
import { aimsOf, type Pursued, pursue } from './pursue.ts';
import { hooksOf, leaves, loadHooks, takenUp } from './run-hooks.ts';
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
  /** Left out: the files of its turns are not kept. */
  snapshots?: Snapshots;
  /** Left out: runs remember nothing. */
  memory?: MemoryFiles;
}

/** Why a go is broken off although its run is not over. */
const leftOff: Record<string, string> = {
  shutdown: 'The host is stopping; the next one goes on with the run.',
  retry: 'It did not begin in time; another attempt took its place.',
  paused: 'A person is changing it; it goes on after that.',
};

/** Ends with `run.ended`, `run.parked` or `run.held` committed. Rejects only for bugs, for a full disk, and with `run.interrupted` when `signal` says so. */
export async function attempt(parts: AttemptParts, id: string, signal: AbortSignal): Promise<void> {
  const { store } = parts;
  let letSleep: (() => void) | undefined;
  try {
    signal.throwIfAborted();
    const spec = store.records.spec(id);
    if (!spec) throw new Error(`run ${id} has no spec`);
    // What is only to be ended needs neither a model nor a sandbox.
    if (wasStopped(store, id)) throw new Fault('run.stopped', 'A person stopped the run while it waited.');
    const beginning = begin(parts, id, spec, signal);
    // While git is answering: the run's first question does not wait for another program to be started.
    if (parts.awake && spec.policies.keepAwake) letSleep = stayAwake(store, parts.awake, id);
    const begun = await beginning;
    const { end, proven } = await work(parts, id, spec, begun, signal);
    if (standsStill(end) && !(signal.reason in leftOff)) signal.throwIfAborted();
    if (!standsStill(end)) await conclude(parts, id, spec, begun.site.repo, { end, proven }, signal);
  } catch (error) {
    if (signal.aborted && signal.reason in leftOff)
      throw new Fault('run.interrupted', leftOff[signal.reason] as string);
    const fault = signal.aborted ? stopped(signal) : error;
    if (!(fault instanceof Fault) || fault.code.startsWith('data.')) throw error;
    await keepAndEnd(parts, id, fault);
  } finally {
    letSleep?.();
  }
}

/**
 * Hosts of its grants and those that a person allowed for this run are reached, too, unless an administrator forbids
 * them; a trial run reaches nothing. A grant that comes or goes counts from the next go on. A person's word counts for a
 * day, and only under the rules that it was given under; `version` null: under any.
 */
function withNetwork(parts: AttemptParts, id: string, spec: RoutineSpec, version: string | null): RoutineSpec {
  const { store, grants, clock } = parts;
  const run = current(store, id);
  if (isTrial(run)) return { ...spec, network: [] };
  const granted = grants.inForce(run.routine, contentHash(spec));
  const allowed = store.read
    .questions({ run: id, state: 'approved', limit: 1000 })
    .filter((question) => isFresh(question, clock.now()))
    .flatMap(({ action }) =>
      action.kind === 'host' && (version ?? action.policyVersion) === action.policyVersion
        ? [action.host.toLowerCase()]
        : [],
    );
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
    return { site: { repo, branch: known.branch, base: known.base, start: startOf(store, id), directory }, model };
  }
  const [repo, model] = await Promise.all([
    repositories.inspect(spec.repository),
    models.resolve(spec.model, known.routine),
  ]);
  // An attempt that hung until another one took its place must not write any more.
  signal.throwIfAborted();
  const branch = `${spec.branchPrefix}${known.routine}/${id}`;
  const from = inheritedBy(store, id);
  const [base, baseBranch] = from ? [from.base, from.baseBranch] : [repo.head, repo.branch];
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
      baseBranch,
      base,
      network: withNetwork(parts, id, spec, null).network,
    });
    alertOfPrice(store, writer, id, model);
    const aims = aimsOf(spec);
    if (aims) writer.append({ type: 'aims.set', run: id, ...aims });
    ledger.settle(writer, current(store, id), 'running', null);
  });
  return { site: { repo, branch, base, start: from?.start ?? null, directory }, model };
}

/** The first question leaves before the sandbox is there; a tool call waits for it, and nothing is ever done outside one. */
async function work(
  parts: AttemptParts,
  id: string,
  saved: RoutineSpec,
  { site, model }: Begun,
  signal: AbortSignal,
): Promise<Pursued> {
  const { store, clock, ids, purse } = parts;
  // An administrator who forbids a host that a person allowed is heard before the rules that it was allowed under.
  const seenAt = parts.sandbox.seenAt?.(site.directory) ?? workspace;
  const rules = await rulesOf(parts, id, withNetwork(parts, id, saved, null), site, seenAt);
  const { judge } = rules;
  const spec = withNetwork(parts, id, saved, judge.version);
  await offerTools({ store, run: id, spec, rules, model, trial: isTrial(current(store, id)), signal });
  const machine = parts.instructions ?? noneOfMachine;
  const sources = { repositories: parts.repositories, machine, repo: site.repo, commit: site.base };
  const { filesAt } = parts.sandbox;
  const kinds = createKindBook(sources);
  const hired = { kinds, advisor: spec.advisor ?? null };
  const skills = createSkillBook({ ...sources, run: id, effort: spec.effort, seenAt, filesAt });
  // While the worktree is made: the first question does not wait for git twice.
  const loading = loadHooks(store, current(store, id), spec, sources, signal);
  loading.catch(() => {});
  const place = await openWorkplace(parts, id, spec, site, signal, skills.files);
  const { snapshots } = parts;
  const keeps = snapshots && spec.permissionMode !== 'plan';
  const keeper = keeps ? keepFiles({ store, snapshots, run: id, repo: site.repo, directory: site.directory }) : null;
  try {
    const run = current(store, id);
    const either = AbortSignal.any([signal, place.broken]);
    const watch = await watchRun({ ...parts, seenAt }, id, spec, judge, model);
    const hands = keeper?.over(place.hands) ?? place.hands;
    const remembered = parts.memory ? { memory: parts.memory } : {};
    const opening = {
      ...{ store, clock, run, spec, sources, skills, hired },
      ...watch,
      ...remembered,
      hands,
      signal: either,
    };
    const speaking = { store, run: id, spec, hands, inspect: watch.inspect, seenAt, machine };
    const hooks = hooksOf(speaking, await loading);
    const waiting = run.turns === 0 ? await firstWords({ ...opening, ...(hooks ? { hooks } : {}) }) : null;
    if (run.turns > 0) await takenUp(store, id, hooks, either);
    const own = noticed(store, id, model);
    const session = {
      store,
      clock,
      ids,
      purse,
      ...watch,
      seenAt,
      model: own,
      fallback: () => fallbackOf(parts, id, spec),
      hands,
      skills,
      ...(hooks ? { hooks } : {}),
      ...(parts.memory ? { memory: createMemoryBook(store, run, parts.memory, site.repo.root) } : {}),
      run: id,
      trial: isTrial(run),
      spec,
      signal: either,
    };
    const resolve = (wish: string) => (wish === own.id ? own : otherModel(parts, id, wish));
    const whole = {
      ...session,
      handOver: createHandOver(store, id, sources, waiting, skills),
      crew: (lead: Lead) =>
        createCrew({ session, kinds, sources, resolve, place: placeOf(parts, id, spec, site, model, skills) }, lead),
    };
    const pursued = await pursue(parts, whole, { site, own: model, ready: place.ready, apart: place.hands.apart });
    await place.ready;
    await leaves(store, id, hooks, pursued.end, either);
    return pursued;
  } catch (error) {
    if (signal.aborted) throw error;
    if (place.broken.aborted) throw place.broken.reason;
    // A limit that a call beside the session met: a judge's, or a classifier's before the first words.
    return { end: { kind: 'held', ...holdFor({ store, clock, run: id, spec }, error) }, proven: null };
  } finally {
    await place.ready.catch(() => {});
    await place.hands.close();
    await keeper?.finish();
  }
}

/** The model that goes on when the run's own refuses; null: none is wanted. Throws as `Models.resolve` does. */
async function fallbackOf(parts: AttemptParts, id: string, spec: RoutineSpec): Promise<ResolvedModel | null> {
  const { store } = parts;
  if (!spec.fallbackModel || current(store, id).rehearsal) return null;
  return await otherModel(parts, id, spec.fallbackModel);
}

async function otherModel({ store, models }: AttemptParts, id: string, wish: string): Promise<ResolvedModel> {
  const model = await models.resolve(wish, current(store, id).routine);
  if (model.priceNotice !== undefined) store.commit((writer) => alertOfPrice(store, writer, id, model));
  return noticed(store, id, model);
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
  { end, proven }: { end: Ended; proven: CheckRound | null },
  signal: AbortSignal,
): Promise<void> {
  const { store, repositories, clock, ids } = parts;
  const run = current(store, id);
  const words = wordsOf(end.proposing, end.lastText);
  const head = await keepWork(parts, id, repo, end);
  await keepAgents(parts, run, repo);
  const previous = run.proposal ? store.read.proposal(run.proposal) : undefined;
  const limit: Reason | null = end.kind === 'limit' ? { code: end.code, message: end.message, cure: end.cure } : null;
  if (head === (previous?.head ?? run.base))
    return nothingNew(parts, run, repo, previous?.id, words.explanation, limit);

  const prove = () => (spec.checks.length > 0 ? runChecks(parts, id, repo, head, spec, signal) : null);
  const after = proven?.commit === head ? proven : await prove();
  const cutShort = limit ? `${limit.message} The work may be incomplete.` : null;
  const at = new Date(clock.now()).toISOString();
  const material = {
    run,
    repo,
    head,
    proposing: end.proposing,
    lastText: end.lastText,
    cutShort,
    unmet: unmet(run),
    after,
    at,
    events: store.events({ after: 0, run: id, limit: Number.MAX_SAFE_INTEGER }),
  };
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

function current(store: Store, id: string): Run {
  const run = store.read.run(id);
  if (!run) throw new Error(`run ${id} is unknown`);
  return run;
}
