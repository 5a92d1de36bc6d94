/**
 * A host on a stage: the real door, router and reducers over an event log in memory that a test writes itself. It runs
 * nothing; what a person does is recorded and answered the way the product would.
 */
import { EventEmitter } from 'node:events';
import { resolve } from 'node:path';
import type { Handlers } from '#contract/api.ts';
import type { Budgets } from '#contract/budgets.ts';
import type { Costs } from '#contract/costs.ts';
import type { DrillItem } from '#contract/drill.ts';
import { type Delta, type Draft, Event, type StreamItem } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { DoctorCheck, ModelStatus } from '#contract/host.ts';
import type { Occurrence, PauseAll } from '#contract/ledger.ts';
import type { Proposal } from '#contract/proposals.ts';
import type { Question } from '#contract/questions.ts';
import type { Routine, RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import type { Exactness } from '#contract/schedules.ts';
import type { EffectiveSettings } from '#contract/settings.ts';
import { reduceOccurrence, reduceProposal, reduceQuestion, reduceRun, runOf } from '#contract/state.ts';
import type { Telemetry } from '#contract/traces.ts';
import type { Trial } from '#contract/trials.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import { localTime, openZone } from '#core/calendar/zone.ts';
import { createClients } from '#server/clients.ts';
import { openDoor } from '#server/door.ts';
import { createRouter } from '#server/router.ts';
import { stagedAlerts } from './staged-alerts.ts';
import { type AuditOnStage, noAudit, stagedAudit } from './staged-audit.ts';
import { stagedExports } from './staged-exports.ts';
import { stagedFiles } from './staged-files.ts';
import { stagedGrants } from './staged-grants.ts';
import { stagedMachine } from './staged-machine.ts';
import { stagedModels } from './staged-models.ts';
import { stagedTalk } from './staged-talk.ts';
import { whyOf } from './staged-why.ts';

export interface Stage {
  routines: Map<string, Routine>;
  pausedAll: PauseAll | null;
  /** How well the scheduler on the stage can say a schedule. */
  exactness: Exactness;
  budgets: Budgets;
  costs(days: number): Costs;
  patches: Map<string, string>;
  model: ModelStatus;
  trials: Map<string, Trial>;
  audit: AuditOnStage;
  settings: EffectiveSettings;
  telemetry: Telemetry;
  doctor: DoctorCheck[];
  /** What the checks find once they were asked to mend. */
  mended: DoctorCheck[] | null;
  /** What a drill answers, until its caller leaves. */
  drill(signal?: AbortSignal): AsyncGenerator<DrillItem>;
  /** Commits an event at `at`, now unless told. */
  say(draft: Draft, at?: number): Event;
  /** Streams words that are not stored. */
  whisper(delta: Omit<Delta, 'kind'>): void;
  runs(): Run[];
  proposals(): Proposal[];
  questions(): Question[];
  /** A fault that the next call of this method ends with. */
  refuse(method: string, fault: Fault): void;
  /** A one-time address. */
  url(): string;
  /** Breaks every connection; new ones are taken at once. */
  hangUp(): Promise<void>;
  close(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');
const silent = { info() {}, error: (what: string, error: unknown) => console.error(what, error) };

export async function openStage(): Promise<Stage> {
  const events: Event[] = [];
  const runs = new Map<string, Run>();
  const proposals = new Map<string, Proposal>();
  const questions = new Map<string, Question>();
  const ledger = new Map<string, Occurrence>();
  const refusals = new Map<string, Fault>();
  const bell = new EventEmitter().setMaxListeners(0);

  const say: Stage['say'] = (draft, at = Date.now()) => {
    const event = Event.parse({ ...draft, seq: events.length + 1, at: new Date(at).toISOString() });
    events.push(event);
    if ('run' in event) put(runs, event.run, reduceRun(runs.get(event.run), event));
    const proposal = 'proposal' in event && (typeof event.proposal === 'string' ? event.proposal : event.proposal?.id);
    const question = 'question' in event ? event.question : undefined;
    const asked = typeof question === 'string' ? question : question?.id;
    if (asked) put(questions, asked, reduceQuestion(questions.get(asked), event));
    if (proposal) put(proposals, proposal, reduceProposal(proposals.get(proposal), event));
    const row = ledgerKey(event);
    if (row) put(ledger, row, reduceOccurrence(ledger.get(row), event));
    bell.emit('news');
    return event;
  };

  async function* follow(after: number, signal?: AbortSignal): AsyncGenerator<StreamItem> {
    const deltas: StreamItem[] = [];
    let heard = Promise.withResolvers<void>();
    const wake = () => heard.resolve();
    const hear = (delta: StreamItem) => {
      deltas.push(delta);
      wake();
    };
    bell.on('news', wake).on('delta', hear);
    signal?.addEventListener('abort', wake);
    try {
      const before = events.length;
      let seq = after;
      for (; seq < before; seq += 1) yield { kind: 'event', event: events[seq] as Event };
      yield { kind: 'caught_up', seq: before };
      while (!signal?.aborted) {
        heard = Promise.withResolvers();
        for (; seq < events.length; seq += 1) yield { kind: 'event', event: events[seq] as Event };
        yield* deltas.splice(0);
        if (seq === events.length && deltas.length === 0) await heard.promise;
      }
    } finally {
      bell.off('news', wake).off('delta', hear);
    }
  }

  const changed = (id: string, what: 'added' | 'edited' | 'removed' | 'paused' | 'resumed') =>
    say({ type: 'routine.changed', routine: id, what });
  const routineOf = (id: string) => found(stage.routines.get(id), `There is no routine called ${id}.`);
  const proposalOf = (id: string) => found(proposals.get(id), 'There is no such proposal.');
  const edit = (id: string, part: Partial<RoutineSpec>, what: 'edited' | 'paused' | 'resumed') => {
    const spec = { ...found(routineOf(id).spec, 'It is broken.'), ...part };
    stage.routines.set(id, routineFrom(id, spec));
    changed(id, what);
    return routineOf(id);
  };

  const staged = stagedGrants(say, events);
  const handlers: Handlers = {
    ...stagedFiles,
    audit: stagedAudit(() => stage.audit),
    routines: {
      list: async () => [...stage.routines.values()],
      get: async ({ routine }) => routineOf(routine),
      why: async ({ routine, at }) => whyOf([...ledger.values()], routine, at),
      pauseAll: async ({ until }) => {
        stage.pausedAll = { since: new Date().toISOString(), until };
        say({ type: 'routines.paused_all', paused: true, until });
        return stage.pausedAll;
      },
      resumeAll: async () => {
        stage.pausedAll = null;
        say({ type: 'routines.paused_all', paused: false, until: null });
        return {};
      },
      pausedAll: async () => stage.pausedAll,
      add: async ({ id, spec }) => {
        const key = id ?? spec.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
        stage.routines.set(key, routineFrom(key, spec));
        changed(key, 'added');
        return routineOf(key);
      },
      edit: async ({ routine, change }) => edit(routine, change as Partial<RoutineSpec>, 'edited'),
      pause: async ({ routine }) => edit(routine, { paused: true }, 'paused'),
      resume: async ({ routine }) => edit(routine, { paused: false }, 'resumed'),
      remove: async ({ routine }) => {
        stage.routines.delete(routine);
        changed(routine, 'removed');
        return {};
      },
      run: async ({ routine }) => {
        const run = `run-${Date.now().toString(36)}new`;
        say({ type: 'run.queued', run, routine, trigger: { kind: 'person' } });
        return { run };
      },
      fireAt: async ({ routine }) => routineOf(routine),
      ...staged.routines,
      preview: async ({ schedule, timeZone, count }) => {
        const now = Date.now();
        const { words, next, schedule: read, canonical } = readSchedule(schedule, timeZone, now);
        const zone = openZone(timeZone);
        const due = next(now, count).map((at) => ({ at: new Date(at).toISOString(), local: localTime(zone, at) }));
        return { schedule: read, canonical, words, exactness: stage.exactness, next: due };
      },
      ledger: async ({ routine, state, since, limit }) =>
        [...ledger.values()]
          .filter((row) => routine === undefined || row.routine === routine)
          .filter((row) => state === undefined || row.state === state)
          .filter((row) => since === undefined || row.dueAt >= since)
          .sort((a, b) => (a.dueAt < b.dueAt ? 1 : -1))
          .slice(0, limit ?? 100),
    },
    questions: {
      list: async ({ state, run, limit }) =>
        [...questions.values()]
          .filter((each) => (state === undefined || each.state === state) && (run === undefined || each.run === run))
          .reverse()
          .slice(0, limit),
      get: async ({ question }) => found(questions.get(question), 'There is no such question.'),
      answer: async ({ answers, door }) =>
        answers.map(({ question, bind, decision, note, always }) => {
          const state = decision === 'approve' ? 'approved' : 'denied';
          const { run, state: is, bind: shown } = found(questions.get(question), 'There is no such question.');
          if (is !== 'open' || bind !== shown) throw new Fault('conflict', `The question ${question} is ${is}.`);
          say({ type: 'question.answered', run, question, state, by: door, note: note ?? null });
          if (always) staged.give(found(questions.get(question), 'There is no such question.'), door);
          say({ type: 'run.resumed', run, why: 'answered' });
          return found(questions.get(question), 'There is no such question.');
        }),
    },
    grants: staged.grants,
    alerts: stagedAlerts(say, events),
    budgets: {
      get: async () => stage.budgets,
      set: async ({ dollarsPerDay }) => {
        stage.budgets.all.capMicros = dollarsPerDay * 1e6;
        return stage.budgets;
      },
      costs: async ({ days }) => stage.costs(days),
    },
    ...stagedMachine(() => stage),
    due: async () => ({ accounted: [], active: [] }),
    runs: {
      list: async ({ limit }) => stage.runs().slice(0, limit),
      get: async ({ run }) => found(runs.get(run), 'There is no such run.'),
      events: async ({ run, after, limit }) =>
        events.filter((event) => runOf(event) === run && event.seq > (after ?? 0)).slice(0, limit),
      ...stagedExports(events),
      ...stagedTalk(say, (run) => found(runs.get(run), 'There is no such run.')),
      stop: async ({ run }) => {
        say({
          type: 'run.ended',
          run,
          outcome: 'stopped',
          reason: { code: 'run.stopped', message: 'You stopped it.' },
          proposal: null,
        });
        return {};
      },
    },
    proposals: {
      list: async () => stage.proposals(),
      get: async ({ proposal }) => proposalOf(proposal),
      diff: async ({ proposal }) => ({ patch: stage.patches.get(proposal) ?? '' }),
      approve: async ({ proposal: id, into, withFilesThatRun }) => {
        const { run, baseBranch, head, files } = proposalOf(id);
        if (!withFilesThatRun && files.some(({ runsHere }) => runsHere))
          throw new Fault('conflict', 'Files of it would run on this machine.', { field: 'withFilesThatRun' });
        const landing = { into: into ?? baseBranch, landedAs: head, landedHow: 'fast_forward' as const };
        say({ type: 'proposal.approved', run, proposal: id, ...landing });
        return proposalOf(id);
      },
      reject: async ({ proposal: id, reason }) => {
        const pruneAt = new Date(Date.now() + 14 * 86_400_000).toISOString();
        say({ type: 'proposal.rejected', run: proposalOf(id).run, proposal: id, reason: reason ?? null, pruneAt });
        return proposalOf(id);
      },
      revise: async ({ proposal: id, comments }) => {
        const { run } = proposalOf(id);
        say({ type: 'proposal.revision_requested', run, proposal: id, comments: comments as never });
        say({ type: 'run.resumed', run, why: 'revision' });
        return proposalOf(id);
      },
    },
    events: { follow: async ({ after }, signal) => follow(after, signal) as never },
    model: {
      status: async () => stage.model,
      list: async () => stagedModels,
      setKey: async () => {
        stage.model = {
          auto: 'claude-opus-4-8',
          rehearsal: false,
          key: 'keychain',
          detail: 'The key was taken; the next run uses it.',
          baseUrl: stage.model.baseUrl,
        };
        return stage.model;
      },
      forgetKey: async () => stage.model,
      setBaseUrl: async ({ url }) => {
        stage.model = { ...stage.model, baseUrl: url };
        return stage.model;
      },
      setPrice: async () => stage.model,
    },
    demo: { create: async () => ({ routine: [...stage.routines.values()][0] as Routine, repository: '/srv/orders' }) },
    drill: { run: async (_, signal) => stage.drill(signal) },
    host: {
      status: async () => ({
        version: '0.1.0',
        pid: process.pid,
        startedAt: new Date(Date.now() - 3_600_000).toISOString(),
        dataDirectory: '/home/sam/.local/share/nightshift',
        activeRuns: stage.runs().filter(({ state }) => state !== 'ended').length,
        clients: 1,
        openProposals: stage.proposals().filter(({ state }) => state === 'open').length,
        model: stage.model,
        seq: events.length,
      }),
      doctor: async (input) => {
        if (input?.fix && stage.mended) stage.doctor = stage.mended;
        return stage.doctor;
      },
      openUrl: async () => ({ url: door.mintUrl() }),
      stop: async () => ({}),
    },
  };
  for (const [noun, methods] of Object.entries(handlers))
    if (typeof methods === 'object')
      for (const [verb, method] of Object.entries(methods))
        (methods as Record<string, unknown>)[verb] = (input: never, signal: never) => {
          const name = `${noun}.${verb}`;
          const fault = refusals.get(name);
          refusals.delete(name);
          if (fault) throw fault;
          return method(input, signal);
        };

  let clients = createClients(createRouter(handlers, silent));
  const clock = { now: () => Date.now(), after: () => () => {} };
  const everyone = {
    upgrade: (...args: Parameters<typeof clients.upgrade>) => clients.upgrade(...args),
    answer: (...args: Parameters<typeof clients.answer>) => clients.answer(...args),
    count: () => clients.count(),
    onChange: () => {},
    close: () => clients.close(),
  };
  const door = await openDoor({ root: resolve(root, 'out/renderer'), clients: everyone, clock, log: silent });
  const stage: Stage = {
    routines: new Map(),
    pausedAll: null,
    exactness: 'exact',
    budgets: {
      timeZone: 'Europe/London',
      all: { capMicros: 20e6, addedMicros: 0, spentMicros: 1_240_000, reservedMicros: 0 },
      routines: [],
    },
    costs: () => ({ timeZone: 'Europe/London', days: [], purposes: [], routines: [] }),
    patches: new Map(),
    model: {
      auto: 'rehearsal',
      rehearsal: true,
      key: 'none',
      detail: 'No key: runs rehearse with recorded answers. Store a key below to use a real model.',
      baseUrl: null,
    },
    trials: staged.trials,
    audit: noAudit,
    settings: {
      ...{ repository: null, files: [], locked: [], problems: [] },
      mode: { value: 'default', file: 'nothing else was said' },
    },
    telemetry: { endpoint: null, waiting: 0, last: null },
    doctor: [],
    mended: null,
    drill: async function* () {},
    say,
    whisper: (delta) => bell.emit('delta', { kind: 'delta', ...delta }),
    runs: () => [...runs.values()].sort((a, b) => (a.queuedAt < b.queuedAt ? 1 : -1)),
    proposals: () => [...proposals.values()],
    questions: () => [...questions.values()],
    refuse: (method, fault) => refusals.set(method, fault),
    url: () => door.mintUrl(),
    async hangUp() {
      const old = clients;
      clients = createClients(createRouter(handlers, silent));
      await old.close();
    },
    async close() {
      await clients.close();
      door.close();
    },
  };
  return stage;
}

/** A routine as the host would describe it. */
export function routineFrom(id: string, spec: RoutineSpec, change: Partial<Routine> = {}): Routine {
  const calendar = readSchedule(spec.schedule, spec.timeZone);
  const next = spec.paused ? [] : calendar.next(Date.now(), 5).map((at) => new Date(at).toISOString());
  const registration =
    next.length > 0
      ? { state: 'registered' as const, detail: 'A systemd user timer wakes it, also with no window open.' }
      : { state: 'not_needed' as const, detail: 'Nothing to wake it for.' };
  const folder = `/home/sam/.local/share/nightshift/routines/${id}`;
  return { id, folder, spec, problem: null, words: calendar.words, next, registration, ...change };
}

function ledgerKey(event: Event): string | null {
  if (event.type === 'occurrence.claimed') return `${event.routine} ${event.occurrence.dueAt}`;
  return event.type === 'occurrence.settled' ? `${event.routine} ${event.dueAt}` : null;
}

function put<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value) map.set(key, value);
}

function found<T>(value: T | null | undefined, message: string): T {
  if (!value) throw new Fault('not_found', message, { cure: 'Look at the list for what there is.' });
  return value;
}
