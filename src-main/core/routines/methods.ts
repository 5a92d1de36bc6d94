/** What a person may do with routines, over any door. */

import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import type { Routine, RoutineSpec } from '#contract/routines.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import { localTime, openZone } from '#core/calendar/zone.ts';
import type { Grants } from '#core/grants/grants.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { PausingAll } from '#core/ledger/pause-all.ts';
import { why } from '#core/ledger/why.ts';
import type { Clock, Conditions, Repositories } from '#core/ports.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import type { Supervisor } from '#core/supervisor/supervisor.ts';
import type { Trials } from '#core/trials/trials.ts';
import type { Alarms } from './alarms.ts';
import type { RoutineEntry, Routines } from './routines.ts';
import { edited, requireSoundCaps, requireSoundRules, settled } from './spec-change.ts';

const yearMs = 366 * 24 * 60 * 60 * 1000;
/** Due instants that a routine shows ahead. */
const preview = 5;

interface Parts {
  store: Store;
  routines: Routines;
  ledger: Ledger;
  alarms: Alarms;
  supervisor: Supervisor;
  repositories: Repositories;
  clock: Clock;
  pausing: PausingAll;
  grants: Pick<Grants, 'lapse'>;
  /** Throws `input` when somebody has forbidden what the routine asks for. */
  refuseLocked(spec: RoutineSpec): void;
  /** What a person should know of the model that is wished for: that it leaves, or that nothing says what it costs. */
  noticesOf(wish: string): Promise<(string | null)[]>;
  /** Accounts for what is due until now, of one routine or of all. */
  look(by: 'host', routine?: string): Promise<unknown>;
  /** Notes that a host is here now, and asks the machine what a routine's policies want to know. */
  surroundings(): Promise<Conditions | undefined>;
}

type Change = 'added' | 'edited' | 'removed' | 'paused' | 'resumed';

export function routineMethods(parts: Parts): Omit<Handlers['routines'], keyof Trials['methods']> {
  const { store, routines, ledger, alarms, supervisor, repositories, clock, pausing, grants, look, surroundings } =
    parts;
  const { refuseLocked, noticesOf } = parts;

  function view(entry: RoutineEntry): Routine {
    const { id, folder, spec, problem } = entry;
    if (!spec)
      return {
        id,
        folder,
        spec,
        problem,
        words: '',
        next: [],
        registration: { state: 'not_needed', detail: 'Broken: it is not woken until its files are mended.' },
      };
    const calendar = readSchedule(spec.schedule, spec.timeZone);
    // What falls due in a pause of its own is skipped, so it is not shown as coming.
    const after = Math.max(clock.now(), Date.parse(spec.policies.pausedUntil ?? '1970-01-01') - 1);
    const once = store.records.oneOffs(id, after);
    const next = spec.paused ? [] : [...new Set([...calendar.next(after, preview), ...once])].sort((a, b) => a - b);
    return {
      ...{ id, folder, spec, problem },
      words: calendar.words,
      next: next.slice(0, preview).map((at) => new Date(at).toISOString()),
      registration: spec.paused ? { state: 'not_needed', detail: 'Paused: it is not woken.' } : alarms.of(id),
    };
  }

  /** Asked for in the same commit as the change, done after it. */
  function note(writer: Writer, id: string, what: Change): void {
    writer.append({ type: 'routine.changed', routine: id, what });
    writer.outbox.add('alarms', '');
  }

  /** What was due until now runs as it was; `change` sees the routine as it is at that very moment. */
  async function save(id: string, what: Change, change: (old: RoutineSpec) => RoutineSpec): Promise<Routine> {
    const conditions = await surroundings();
    const spec = change(routines.usable(id).spec);
    const work = (writer: Writer) => {
      routines.save(id, spec);
      note(writer, id, what);
    };
    ledger.change(id, work, conditions);
    grants.lapse(id);
    supervisor.kick();
    await alarms.sync();
    return view(routines.get(id));
  }

  /** With what a person should know of it that is no reason to refuse it. */
  async function noted(routine: Routine): Promise<Routine> {
    const { model, fallbackModel, advisor } = routine.spec ?? {};
    const wishes = [...new Set([model, fallbackModel, advisor])].flatMap((wish) => wish ?? []);
    const notes = (await Promise.all(wishes.map(noticesOf))).flat().flatMap((notice) => notice ?? []);
    return notes.length > 0 ? { ...routine, notes } : routine;
  }

  return {
    list: async () => routines.list().map(view),
    async get({ routine }) {
      const shown = await noted(view(routines.get(routine)));
      if (!shown.spec || shown.spec.paused) return shown;
      return { ...shown, registration: await alarms.now(routine) };
    },
    async add({ id: wanted, spec }) {
      refuseLocked(spec);
      requireSoundRules(spec);
      requireSoundCaps(spec);
      const { root } = await repositories.inspect(spec.repository);
      const id = routines.add(wanted, settled({ ...spec, repository: root }, clock.now()));
      store.commit((writer) => {
        ledger.begin(writer, id);
        note(writer, id, 'added');
      });
      await alarms.sync();
      return noted(view(routines.get(id)));
    },
    async edit({ routine, change }) {
      const wanted = edited(routines.usable(routine).spec, change, clock.now());
      refuseLocked(wanted);
      if (change.permissions) requireSoundRules(wanted);
      if (change.limits) requireSoundCaps(wanted);
      const { repository } = change;
      const root = repository === undefined ? undefined : (await repositories.inspect(repository)).root;
      return noted(
        await save(routine, 'edited', (old) =>
          edited(old, root === undefined ? change : { ...change, repository: root }, clock.now()),
        ),
      );
    },
    pause: async ({ routine }) => save(routine, 'paused', (old) => ({ ...old, paused: true })),
    resume: async ({ routine }) => save(routine, 'resumed', (old) => ({ ...old, paused: false })),
    async remove({ routine }) {
      await surroundings();
      const open = ledger.openRun(routine);
      if (open)
        throw new Fault('conflict', `The routine "${routine}" has the open run ${open.id}.`, {
          field: 'routine',
          cure: `Stop it first: \`nightshift runs stop ${open.id}\`.`,
        });
      ledger.remove(routine, (writer) => {
        routines.remove(routine);
        note(writer, routine, 'removed');
      });
      await alarms.sync();
      return {};
    },
    async run({ routine }) {
      const { spec } = routines.usable(routine);
      const open = ledger.openRun(routine);
      if (open && !open.parkedOn)
        throw new Fault('conflict', `The routine "${routine}" is at work already: run ${open.id}.`, {
          field: 'routine',
          cure: `Follow it with \`nightshift runs follow ${open.id}\`, or stop it first.`,
        });
      const run = store.commit((writer) => ledger.queue(writer, routine, spec));
      supervisor.kick();
      return { run };
    },
    async fireAt({ routine, at }) {
      const entry = routines.usable(routine);
      const instant = Date.parse(at);
      if (instant <= Math.max(clock.now(), store.records.accountedTo(routine) ?? 0) || instant > clock.now() + yearMs)
        throw new Fault('input', `${at} is not within the coming year.`, {
          field: 'at',
          cure: 'Give an instant ahead, e.g. in ten seconds.',
        });
      if (entry.spec.paused)
        throw new Fault('conflict', `The routine "${routine}" is paused.`, {
          field: 'routine',
          cure: `Resume it first: \`nightshift routines resume ${routine}\`.`,
        });
      store.commit((writer) => {
        writer.records.addOneOff(routine, instant);
        writer.append({ type: 'routine.changed', routine, what: 'edited' });
        writer.outbox.add('alarms', '');
      });
      await alarms.sync();
      return view(routines.get(routine));
    },
    async preview({ schedule, timeZone, count }) {
      const now = clock.now();
      const { schedule: meant, canonical, words, next } = readSchedule(schedule, timeZone, now);
      const zone = openZone(timeZone);
      const times = next(now, count).map((at) => ({ at: new Date(at).toISOString(), local: localTime(zone, at) }));
      return { schedule: meant, canonical, words, next: times, exactness: alarms.exactness(meant, timeZone) };
    },
    why: async ({ routine, at }) => why({ store, clock }, routine, at),
    async pauseAll({ until }) {
      await look('host');
      return pausing.pause(until);
    },
    async resumeAll() {
      await look('host');
      pausing.resume();
      return {};
    },
    pausedAll: async () => pausing.current(),
    ledger: async (filter) => store.read.occurrences(filter),
  };
}
