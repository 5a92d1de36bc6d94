/** What a person may do with routines, over any door. */

import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import type { Routine, RoutineSpec } from '#contract/routines.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import { localTime, openZone } from '#core/calendar/zone.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { PausingAll } from '#core/ledger/pause-all.ts';
import { why } from '#core/ledger/why.ts';
import type { Clock, Repositories } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Supervisor } from '#core/supervisor/supervisor.ts';
import type { Alarms } from './alarms.ts';
import type { RoutineEntry, Routines } from './routines.ts';

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
  /** Throws `input` when somebody has forbidden what the routine asks for. */
  refuseLocked(spec: RoutineSpec): void;
  /** Accounts for what is due until now, of one routine or of all. */
  look(by: 'host', routine?: string): Promise<unknown>;
}

type Change = 'added' | 'edited' | 'removed' | 'paused' | 'resumed';

export function routineMethods(parts: Parts): Handlers['routines'] {
  const { store, routines, ledger, alarms, supervisor, repositories, clock, pausing, look, refuseLocked } = parts;

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

  /** Records a change of files that has happened, and brings the OS in line before answering. */
  async function changed(id: string, what: Change): Promise<void> {
    store.commit((writer) => {
      if (what === 'removed') ledger.end(writer, id);
      else ledger.begin(writer, id);
      writer.append({ type: 'routine.changed', routine: id, what });
      writer.outbox.add('alarms', '');
    });
    await alarms.sync();
  }

  /** Before the first edit takes effect, what was due until now is accounted for by the old schedule. */
  async function save(id: string, spec: RoutineSpec, what: Change): Promise<Routine> {
    await look('host', id);
    routines.save(id, spec);
    supervisor.kick();
    await changed(id, what);
    return view(routines.get(id));
  }

  return {
    list: async () => routines.list().map(view),
    get: async ({ routine }) => view(routines.get(routine)),
    async add({ id: wanted, spec }) {
      refuseLocked(spec);
      const { root } = await repositories.inspect(spec.repository);
      const id = routines.add(wanted, { ...spec, repository: root });
      await changed(id, 'added');
      return view(routines.get(id));
    },
    async edit({ routine, change }) {
      const old = routines.usable(routine).spec;
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      const limits = { ...old.limits, ...change.limits };
      const catchUp = { ...old.policies.catchUp, ...change.policies?.catchUp };
      const policies = { ...old.policies, ...change.policies, catchUp };
      const permissions = { ...old.permissions, ...change.permissions };
      const spec: RoutineSpec = { ...old, ...given, limits, policies, permissions };
      refuseLocked(spec);
      if (change.repository !== undefined) spec.repository = (await repositories.inspect(change.repository)).root;
      return save(routine, spec, 'edited');
    },
    pause: async ({ routine }) => save(routine, { ...routines.usable(routine).spec, paused: true }, 'paused'),
    resume: async ({ routine }) => save(routine, { ...routines.usable(routine).spec, paused: false }, 'resumed'),
    async remove({ routine }) {
      const open = ledger.openRun(routine);
      if (open)
        throw new Fault('conflict', `The routine "${routine}" has the open run ${open.id}.`, {
          field: 'routine',
          cure: `Stop it first: \`nightshift runs stop ${open.id}\`.`,
        });
      routines.remove(routine);
      await changed(routine, 'removed');
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
