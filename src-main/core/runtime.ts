/** The only place where core is wired together. */
import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import type { DoctorCheck } from '#contract/host.ts';
import type { ClaimedBy, Occurrence } from '#contract/ledger.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { sessionState } from '#contract/session-state.ts';
import { alertMethods } from '#core/alerts/methods.ts';
import { budgetMethods } from '#core/budget/methods.ts';
import { takePriceBack } from '#core/budget/price-alert.ts';
import { createPurse } from '#core/budget/purse.ts';
import { runCostsOf } from '#core/budget/run-costs.ts';
import { createGrants } from '#core/grants/grants.ts';
import { hookMethods } from '#core/hooks/methods.ts';
import { instructionMethods, noneOfMachine } from '#core/instructions/methods.ts';
import type { InstructionFiles } from '#core/instructions/port.ts';
import { createEarlyFires } from '#core/ledger/early-fires.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { startOfDay } from '#core/ledger/local-time.ts';
import { createPausingAll } from '#core/ledger/pause-all.ts';
import { createPresence } from '#core/ledger/presence.ts';
import { startTicking } from '#core/ledger/tick.ts';
import { memoryMethods } from '#core/memory/methods.ts';
import { createMemoryDesk } from '#core/memory/offer.ts';
import type { MemoryFiles } from '#core/memory/port.ts';
import type {
  Audit,
  Awake,
  Clock,
  Conditions,
  Ids,
  Locks,
  Log,
  Machine,
  Models,
  Repositories,
  Rules,
  Sandbox,
  Scheduler,
} from '#core/ports.ts';
import { createProposals } from '#core/proposals/proposals.ts';
import { createQuestions } from '#core/questions/questions.ts';
import { type Alarms, createAlarms } from '#core/routines/alarms.ts';
import { examineClock, examineFolders } from '#core/routines/examine.ts';
import { routineMethods } from '#core/routines/methods.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { queueTask } from '#core/routines/tasks.ts';
import { readLoop } from '#core/session/loop-words.ts';
import { openStore, type Store } from '#core/store/event-log.ts';
import { follow } from '#core/store/follow.ts';
import { createHolds } from '#core/supervisor/holds.ts';
import { createSupervisor } from '#core/supervisor/supervisor.ts';
import { sessionMethods } from '#core/talk/methods.ts';
import type { Snapshots } from '#core/talk/port.ts';
import { createTalk, type Handing } from '#core/talk/talk.ts';
import { traceOf } from '#core/traces/trace.ts';
import { createTrials } from '#core/trials/trials.ts';
import { createWeather } from '#core/weather/weather.ts';

export interface RuntimeDeps {
  clock: Clock;
  ids: Ids;
  log: Log;
  models: Models;
  sandbox: Sandbox;
  repositories: Repositories;
  scheduler: Scheduler;
  machine: Machine;
  /** IANA name of this machine's zone: its midnights begin a day's budget. */
  timeZone: string;
  /** Left out: nothing keeps the machine awake. */
  awake?: Awake;
  /** Left out: a routine's mode alone decides what its runs may do. */
  rules?: Rules;
  /** Left out: those of the repository alone. */
  instructions?: InstructionFiles;
  /** Left out: runs remember nothing. */
  memory?: MemoryFiles;
  /** Left out: nothing is fixed by anybody. */
  locks?: Locks;
  /** Left out: the files of a run's turns are not kept. */
  snapshots?: Snapshots;
  /** Opens the audit log of the store. Left out: none is kept. */
  audit?: (store: Store) => Audit;
  /** Grows with every change of hands of the data directory; an owner of the past commits nothing more. */
  fence?: number;
  /** The folders and files of the data directory. */
  places: { routines: string; worktrees: string; checkouts: string; database: string };
}

export interface Runtime {
  /** Everything but the methods about the host process itself, the settings files, the demo, the drill, the audit log and cassettes, which the host adds. */
  handlers: Omit<Handlers, 'host' | 'settings' | 'demo' | 'drill' | 'audit' | 'telemetry' | 'runs'> & {
    runs: Omit<Handlers['runs'], 'cassette' | 'handOver' | 'take'>;
  };
  store: Store;
  /** For sessions that come and go as files. */
  handing: Handing;
  /** Takes up what an earlier host left open and brings the OS scheduler in line. */
  start(): void;
  busy(): boolean;
  /** A due instant is near that nobody else may notice: milliseconds since the epoch, in the past when there is none. */
  neededUntil(): number;
  /** Runs that are queued or running. */
  open(): string[];
  onIdle(fn: () => void): () => void;
  /** With `fix`, the OS scheduler is mended first. */
  doctor(fix?: boolean, sandboxDetail?: boolean): Promise<DoctorCheck[]>;
  /** Leaves running runs to the next host. Idempotent. */
  close(): Promise<void>;
}

/** Milliseconds: the host that a timer has started asks its first question before it looks after the timers. */
const tidyAfterMs = 1_000;

/** Opens the database (throws `data.*`) and puts the parts together; nothing runs before `start`. */
export function createRuntime(deps: RuntimeDeps): Runtime {
  const { clock, ids, log, sandbox, repositories, scheduler, machine, places } = deps;
  const { worktrees, checkouts } = places;
  const store = openStore(places.database, clock, deps.fence);
  const weather = createWeather({ store, clock, log });
  const models = weather.over(deps.models);
  const audit = deps.audit?.(store);
  const sealing = audit ? { audit } : {};
  const routines = openRoutines(places.routines);
  const ledger = createLedger({ store, routines, clock, ids });
  const earlyFires = createEarlyFires({ store, routines, clock });
  const presence = createPresence({ store, clock, machine }, ids.next('run'));
  const pausing = createPausingAll({ store, clock });
  const purse = createPurse({ store, clock, startOfDay: (at) => startOfDay(at, deps.timeZone) });
  const grants = createGrants({ store, routines, clock, ids });
  const proposals = createProposals({ store, repositories, clock, log, worktrees, ...sealing });
  const supervisor = createSupervisor({
    ...{ clock, ids, log, models, sandbox, repositories, worktrees, checkouts, store, ledger, purse, grants },
    ...(deps.awake ? { awake: deps.awake } : {}),
    ...(deps.rules ? { rules: deps.rules } : {}),
    ...(deps.instructions ? { instructions: deps.instructions } : {}),
    ...(deps.snapshots ? { snapshots: deps.snapshots } : {}),
    ...(deps.memory ? { memory: deps.memory } : {}),
    ...sealing,
  });
  const talk = createTalk({
    ...{ store, clock, log, ledger, repositories, supervisor, worktrees },
    refuseLocked: (spec) => deps.locks?.routine(spec),
    ...(deps.snapshots ? { snapshots: deps.snapshots } : {}),
  });
  const questions = createQuestions({ store, clock, purse, grants, wake: () => supervisor.kick() });
  const alarms = createAlarms({ store, routines, scheduler, clock, log });
  const holds = createHolds({ store, clock, registered: alarms.of });
  const desk = deps.memory ? createMemoryDesk({ store, files: deps.memory, log }) : null;
  const unheld = store.listen((item) => {
    if (item.kind === 'event' && item.event.type === 'memory.offered') queueMicrotask(() => void desk?.settle());
    if (item.kind === 'event' && item.event.type === 'run.held') queueMicrotask(() => void alarms.sync());
  });
  const trials = createTrials({ store, routines, grants, ledger, alarms, clock, log, look });
  let closed: Promise<void> | null = null;
  /** Routines whose runs the last look let go on. */
  let released: string[] = [];
  let untick = () => {};
  let tidyNow = () => {};
  let untidy = () => {};

  /** What is being tidied up; the store is not closed under it. */
  let cleaning = Promise.resolve();
  const cleanUp = () => {
    const tidied = cleaning.then(async () => void (await Promise.all([proposals.cleanUp(), talk.forget()])));
    cleaning = tidied.catch((error: unknown) => log.error('tidying up', error));
  };

  /** Accounts for what is due. */
  async function look(by: ClaimedBy, routine?: string): Promise<Occurrence[]> {
    const accounted = ledger.account(by, routine, await surroundings(routine));
    questions.expire();
    released = holds.release();
    supervisor.kick();
    grants.lapse();
    // Somebody may have changed a routine's files by hand.
    if (store.outbox.pending('alarms').length > 0) void alarms.sync();
    return accounted;
  }

  /** Asked only where a routine, or the one that is meant, wants to know. */
  async function surroundings(routine?: string): Promise<Conditions | undefined> {
    presence.beat();
    const asks = routines.list(routine).some(({ spec }) => spec?.policies.onMains || spec?.policies.unmetered);
    return asks ? await machine.conditions() : undefined;
  }

  function run(id: string) {
    const known = store.read.run(id);
    if (known) return known;
    throw new Fault('not_found', `There is no run "${id}".`, { field: 'run', cure: 'See `nightshift runs list`.' });
  }

  const stated = (known: Run): Run => ({ ...known, session: sessionState(known, clock.now()) });

  /** Whoever looks at a registration wants it as it is. */
  const shown: Alarms = {
    ...alarms,
    of(routine) {
      tidyNow();
      return alarms.of(routine);
    },
  };

  const refuseLocked = (spec: RoutineSpec) => deps.locks?.routine(spec);

  const handlers: Runtime['handlers'] = {
    routines: {
      ...routineMethods({
        ...{ store, routines, ledger, alarms: shown, supervisor, repositories, clock, pausing, grants },
        ...{ look, surroundings, refuseLocked },
        noticesOf: async (wish: string) => [await models.lifeNotice(wish), await models.priceNotice(wish)],
      }),
      ...trials.methods,
    },
    instructions: instructionMethods({ repositories, sandbox, machine: deps.instructions ?? noneOfMachine }),
    memory: memoryMethods({ store, repositories, files: deps.memory }),
    hooks: hookMethods({ store, clock, repositories, machine: deps.instructions ?? noneOfMachine }),
    async due({ by, routine }) {
      // An OS timer may outlive its routine: then it is taken away, and has done nothing wrong.
      const stray = by === 'os_timer' && routine !== undefined && !routines.exists(routine);
      if (routine && !stray) routines.get(routine);
      const accounted = await look(by, routine);
      if (stray) void alarms.sync();
      else if (by === 'os_timer' && routine && accounted.length === 0 && !released.includes(routine))
        earlyFires.note(routine);
      // The hourly check also mends what became of the OS's own timers.
      if (by === 'sweep') void alarms.sync();
      cleanUp();
      return { accounted, active: supervisor.open() };
    },
    runs: {
      async start({ task, key }) {
        const id = await queueTask({ store, ledger, repositories, refuseLocked }, task, key);
        supervisor.kick();
        return { run: id };
      },
      list: async ({ routine, limit }) => store.read.runs({ ...(routine ? { routine } : {}), limit }).map(stated),
      get: async ({ run: id }) => stated(run(id)),
      async events({ run: id, after, limit }) {
        run(id);
        return store.events({ run: id, after, limit });
      },
      costs: async ({ run: id }) =>
        runCostsOf(run(id).id, store.events({ run: id, after: 0, limit: Number.MAX_SAFE_INTEGER })),
      trace: async ({ run: id }) =>
        traceOf(run(id).id, store.events({ run: id, after: 0, limit: Number.MAX_SAFE_INTEGER })),
      async stop({ run: id }) {
        supervisor.stop(id);
        return {};
      },
      ...sessionMethods(talk, stated),
    },
    proposals: {
      list: async ({ state, limit }) => store.read.proposals({ ...(state ? { state } : {}), limit }),
      get: async ({ proposal }) => proposals.get(proposal),
      diff: async ({ proposal }) => ({ patch: await proposals.patch(proposal) }),
      approve: async ({ proposal, into, withFilesThatRun }) =>
        decided(await proposals.approve(proposal, into, withFilesThatRun ?? false)),
      reject: async ({ proposal, reason }) => decided(await proposals.reject(proposal, reason)),
      async revise({ proposal, comments }) {
        if (comments.some(({ text }) => readLoop(text))) deps.locks?.feature('loops');
        const revising = await proposals.revise(proposal, comments);
        supervisor.kick();
        return revising;
      },
    },
    questions: {
      list: async (filter) => questions.list(filter),
      get: async ({ question }) => questions.get(question),
      answer: async ({ answers, door }) => questions.answer(answers, door),
    },
    grants: {
      list: async (filter) => grants.list(filter),
      revoke: async ({ grant, door }) => grants.revoke(grant, door),
    },
    alerts: alertMethods(store),
    budgets: budgetMethods({
      ...{ routines, purse, store, clock, timeZone: deps.timeZone },
      startOfDay: (at) => startOfDay(at, deps.timeZone),
    }),
    events: {
      follow: async ({ after, run: only }, signal) =>
        follow(store, after, only, signal ?? new AbortController().signal),
    },
    model: {
      status: () => models.status(),
      list: ({ ask }) => models.list(ask),
      async setKey({ key, passphraseFile }) {
        await models.setKey(key, passphraseFile);
        return models.status();
      },
      async forgetKey() {
        await models.forgetKey();
        return models.status();
      },
      async setBaseUrl({ url }) {
        await models.setBaseUrl(url);
        return models.status();
      },
      async setPrice({ model, price }) {
        if (price === null) await takePriceBack(store, models, model);
        else await models.setPrice(model, price);
        return models.status();
      },
    },
  };

  /** What no fire of the OS waits for; begun a moment after the start, or when somebody asks what the OS holds. */
  function tidyLater(): void {
    let begun = false;
    const tidy = () => {
      if (begun) return;
      begun = true;
      cancel();
      void alarms.sync();
      cleanUp();
    };
    const cancel = clock.after(tidyAfterMs, tidy);
    tidyNow = tidy;
    untidy = cancel;
  }

  /** A host that goes says so, so that the time after it is not taken for its own. */
  function lastBeat(): void {
    try {
      presence.last();
    } catch (error) {
      log.error('the last beat', error);
    }
  }

  function decided<T>(proposal: T): T {
    cleanUp();
    return proposal;
  }

  return {
    handlers,
    store,
    handing: { ledger, end: talk.end, kick: supervisor.kick },
    start() {
      presence.beat();
      supervisor.recover(presence.powerWent());
      void desk?.settle();
      questions.expire();
      if (holds.release().length > 0) supervisor.kick();
      untick = startTicking({
        ...{ clock, log, beat: presence.beat },
        look: () => void look('host').catch((error: unknown) => log.error('the look at what is due', error)),
      });
      tidyLater();
    },
    busy: () => supervisor.busy(),
    neededUntil: () => Math.max(earlyFires.until(), trials.until(), holds.until()),
    open: () => supervisor.open(),
    onIdle: (fn) => supervisor.onIdle(fn),
    async doctor(fix = false, sandboxDetail = false) {
      tidyNow();
      const timers = fix ? scheduler.heal() : scheduler.doctor();
      const checks = [
        ...(await sandbox.doctor(sandboxDetail)),
        ...(await timers),
        ...examineFolders(routines.strays()),
        ...examineClock(clock.now()),
      ];
      // What is said of each routine's wake-up was noted before the mending.
      if (fix) await alarms.sync();
      return checks;
    },
    close() {
      untick();
      untidy();
      unheld();
      trials.close();
      closed ??= supervisor.close().then(async () => {
        await cleaning;
        await desk?.settle();
        lastBeat();
        weather.close();
        await audit?.close();
        await models.close();
        store.close();
      });
      return closed;
    },
  };
}
