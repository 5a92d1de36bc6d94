/**
 * A year in a few seconds: routines in three zones with every kind of policy, on a machine that sleeps, is switched off,
 * is killed before, in the middle of and after any commit and has its clock set, for a person who edits, pauses, resumes,
 * removes and adds again, by command and by hand. Every due instant ends in exactly one row, and no reason is a lie.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Occurrence } from '#contract/ledger.ts';
import { Policies } from '#contract/policies.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { createPausingAll } from '#core/ledger/pause-all.ts';
import { createPresence } from '#core/ledger/presence.ts';
import { why } from '#core/ledger/why.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { openStore, type Store } from '#core/store/event-log.ts';
import { createIds } from '#host/clock.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { scratch, spec } from '../fakes/places.ts';
import { verifies } from '../promises.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const year = 366 * day;

/** Reproducible chance. */
function chance(seed: number) {
  let state = seed;
  const below = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  return { below, of: <T>(...from: T[]) => from[below(from.length)] as T };
}

const wishes: Record<string, Partial<RoutineSpec>> = {
  nightly: { schedule: '30 2 * * *', timeZone: 'Europe/Berlin' },
  quarterly: { schedule: '*/15 * * * *', timeZone: 'America/New_York', policies: policy({ overlap: 'parallel' }) },
  'half-hourly': {
    schedule: '10,40 1-3 * * *',
    timeZone: 'Australia/Lord_Howe',
    policies: policy({ overlap: 'queue_one' }),
  },
  weekdays: { schedule: '0 9 * * 1-5', timeZone: 'America/New_York', policies: policy({ catchUp: { mode: 'each' } }) },
  strict: { schedule: '0 * * * *', timeZone: 'Europe/Berlin', policies: policy({ catchUp: { mode: 'skip' } }) },
  today: {
    schedule: '0 6,18 * * *',
    timeZone: 'Australia/Lord_Howe',
    policies: policy({ catchUp: { sameDay: true }, minimumDistance: 60 }),
  },
  monthly: {
    schedule: '0 0 31 * *',
    timeZone: 'Europe/Berlin',
    policies: policy({ catchUp: { within: 60 }, jitter: 30 }),
  },
};

function policy(change: object) {
  return Policies.parse(change);
}

interface Spent {
  from: number;
  to: number;
  how: 'up' | 'asleep' | 'off';
}

/** What the person meant, kept apart from the product: from when on which schedule was in force. */
type Intent = { from: number; schedule: string | null; timeZone: string };

test(verifies('every-occurrence-accounted', 'a simulated year'), { timeout: 300_000 }, () => {
  const { below, of } = chance(1);
  const directory = scratch();
  const clock = manualClock('2026-11-20T12:00:00.000Z');
  const begin = clock.now();
  const database = join(directory, 'a.db');
  const routines = openRoutines(join(directory, 'routines'));
  const ids = createIds(clock);
  const intents = new Map<string, Intent[]>();
  const machine = { boot: 1, up: 0, awake: 0 };
  /** What the machine really did. */
  const spent: Spent[] = [];
  let hosts = 0;
  /** Commits that may still be made before the host is killed; null: it lives. */
  let fuse: number | null = null;

  function startHost() {
    const real = openStore(database, clock);
    // Killed, and the process is gone with all that it knew: before a commit, or when its work and its files are done.
    const store: Store = {
      ...real,
      commit(work) {
        if (fuse === null || fuse-- > 0) return real.commit(work);
        if (below(2) === 0) throw new Error('killed');
        return real.commit((writer) => {
          work(writer);
          throw new Error('killed');
        });
      },
    };
    const told = {
      moment: () => ({ boot: String(machine.boot), uptime: machine.up, awake: machine.awake, session: null }),
      conditions: async () => ({ onMains: null, unmetered: null }),
    };
    const ledger = createLedger({ store, routines, clock, ids });
    const presence = createPresence({ store, clock, machine: told }, `host-${++hosts}`);
    return { store, real, ledger, presence, pausing: createPausingAll({ store, clock }) };
  }
  let host = startHost();
  onTestFinished(() => host.real.close());

  /** Does it, as often as it takes: a host that is killed is followed by another. */
  function surely<T>(work: () => T): T {
    for (;;)
      try {
        return work();
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'killed') throw error;
        host.real.close();
        fuse = null;
        host = startHost();
      }
  }

  function pass(ms: number, how: 'up' | 'asleep' | 'off') {
    spent.push({ from: clock.now(), to: clock.now() + ms, how });
    clock.jump(clock.now() + ms);
    if (how === 'off') Object.assign(machine, { boot: machine.boot + 1, up: 5 * minute, awake: 5 * minute });
    else {
      machine.up += ms;
      if (how === 'up') machine.awake += ms;
    }
  }

  function look() {
    surely(() => {
      host.presence.beat();
      host.ledger.account('host');
    });
  }

  /** Runs end after a while, and some are still at work at the next due instant. */
  function work() {
    for (const run of host.store.read.runs({ state: 'open', limit: 1000 }))
      if (below(3) > 0)
        surely(() =>
          host.store.commit((writer) => {
            const known = host.store.read.run(run.id);
            if (!known || known.state === 'ended') return;
            writer.append({
              type: 'run.ended',
              run: run.id,
              outcome: 'nothing_to_propose',
              reason: null,
              proposal: null,
            });
            writer.outbox.done('run', run.id);
            host.ledger.settle(writer, known, 'ran', null);
          }),
        );
  }

  /** Time that goes by without anybody looking, up to the very moment of a change. */
  function unseen() {
    if (below(2) > 0) pass(below(5 * hour), 'up');
    surely(() => host.presence.beat());
  }

  function told(id: string, schedule: string | null, timeZone: string) {
    intents.set(id, [...(intents.get(id) ?? []), { from: clock.now(), schedule, timeZone }]);
  }

  /** By command or by an editor, also when what was due until now has not been seen by anybody. */
  function change(id: string, spoken: RoutineSpec, how: 'command' | 'hand' = 'command') {
    unseen();
    if (!routines.exists(id)) {
      routines.add(id, spoken);
      surely(() => host.store.commit((writer) => host.ledger.begin(writer, id)));
    } else if (how === 'hand') {
      routines.save(id, spoken);
      look();
    } else surely(() => host.ledger.change(id, () => routines.save(id, spoken)));
    told(id, spoken.paused ? null : spoken.schedule, spoken.timeZone);
  }

  function remove(id: string, how: 'command' | 'hand') {
    if (!routines.exists(id)) return;
    unseen();
    if (how === 'hand') {
      rmSync(routines.get(id).folder, { recursive: true });
      look();
    } else
      surely(() => {
        // Who finds it gone after a crash has nothing left to ask for.
        if (routines.exists(id)) host.ledger.remove(id, () => routines.remove(id));
      });
    look();
    told(id, null, 'UTC');
  }

  /** As it is, or as it was wished for at first. */
  const known = (id: string) => (routines.exists(id) ? routines.usable(id).spec : spec({ name: id, ...wishes[id] }));

  for (const [id, wish] of Object.entries(wishes)) change(id, spec({ name: id, ...wish }));

  const up = () => pass(minute + below(11 * hour), 'up');
  const happenings = [
    () => pass(hour + below(14 * hour), 'asleep'),
    () => pass(hour + below(3 * day), 'off'),
    () => {
      const id = of(...Object.keys(wishes));
      const now = known(id);
      change(id, { ...now, paused: !now.paused }, of('command', 'hand'));
    },
    () => {
      const id = of('nightly', 'strict');
      const schedule = of('30 2 * * *', '0 * * * *', '15 3 * * 0', '59 23 * * *');
      change(id, { ...known(id), schedule }, of('command', 'hand'));
    },
    () => {
      if (below(2) > 0) remove(of(...Object.keys(wishes)), of('command', 'hand'));
    },
    () => {
      for (const id of Object.keys(wishes)) if (!routines.exists(id)) change(id, known(id));
    },
    // The clock is set, while the machine goes on counting.
    () => clock.jump(clock.now() + below(3 * hour)),
    () => {
      const back = below(3 * hour);
      clock.jump(clock.now() - back);
      look();
      work();
      pass(back + minute, 'up');
      look();
    },
    () => {
      if (below(4) > 0) return;
      surely(() => host.pausing.pause(of(null, iso(clock.now() + 30 * hour))));
    },
    // An afternoon with a host that looks all the time.
    () => {
      for (let i = 0; i < 8; i++) {
        pass(30 * minute, 'up');
        look();
        work();
      }
    },
    ...[up, up, up, up, up, up],
  ];
  while (clock.now() < begin + year) {
    if (below(4) === 0) fuse = below(6);
    of(...happenings)();
    if (below(3) === 0) surely(() => host.pausing.resume());
    look();
    // As a timer, a tick and a person who all ask at the same moment.
    if (below(3) === 0) look();
    work();
  }
  // Whoever is paused is woken for the last look.
  for (const id of Object.keys(wishes)) change(id, { ...known(id), paused: false });
  look();

  const all = host.store.read.occurrences({ limit: 1_000_000 });
  expect(hosts).toBeGreaterThan(50);
  const counts: Record<string, number> = {};
  for (const [id, told] of intents) {
    const due = told.flatMap(({ from, schedule, timeZone }, index) =>
      schedule === null ? [] : instants(schedule, timeZone, from, told[index + 1]?.from ?? clock.now()),
    );
    counts[id] = due.length;
    examine(
      id,
      due,
      all.filter((row) => row.routine === id),
    );
    for (let i = 0; i < 20; i++) {
      const at = iso(of(...due));
      const answer = why({ store: host.store, clock }, id, at);
      expect(answer, `${id} at ${at}`).toMatchObject({ due: true, occurrence: { routine: id } });
    }
  }
  for (const row of all.filter(({ cause }) => cause === 'asleep' || cause === 'machine_off')) {
    const truth = spent.filter(({ from, to }) => Date.parse(row.dueAt) >= from && Date.parse(row.dueAt) <= to);
    expect(
      truth.map(({ how }) => how),
      `${row.routine} at ${row.dueAt}: ${row.cause}`,
    ).toContain(row.cause === 'asleep' ? 'asleep' : 'off');
  }
  for (const cause of ['asleep', 'machine_off', 'host_down', 'clock_changed', 'removed', 'coalesced', 'overlapped'])
    expect(all.filter((row) => row.cause === cause).length, cause).toBeGreaterThan(0);
  const queued = host.store.events({ after: 0, limit: 1_000_000 }).filter((event) => event.type === 'run.queued');
  expect(queued.length).toBe(all.filter((row) => row.run !== null).length);
  const tally = Map.groupBy(all, (row) => row.cause ?? row.state);
  console.log(
    `year: ${hosts} hosts, due ${JSON.stringify(counts)}, ${all.length} rows: ${[...tally].map(([cause, rows]) => `${cause} ${rows.length}`).join(', ')}`,
  );
});

/** Every due instant is in exactly one row, no run is in two, and what did not simply run says why. */
function examine(id: string, due: number[], rows: Occurrence[]) {
  expect(
    rows.reduce((sum, row) => sum + row.count, 0),
    id,
  ).toBe(due.length);
  const spans = rows.map((row) => ({ from: Date.parse(row.from ?? row.dueAt), to: Date.parse(row.dueAt) }));
  const cover = due.map((at) => spans.filter(({ from, to }) => at >= from && at <= to).length);
  expect(
    cover.filter((n) => n !== 1),
    `${id}: instants without exactly one row`,
  ).toEqual([]);
  const runs = rows.flatMap((row) => row.run ?? []);
  expect(runs).toEqual([...new Set(runs)]);
  const silent = rows.filter((row) => !row.reason && row.state !== 'claimed' && row.state !== 'ran');
  expect(silent).toEqual([]);
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}

/** (from, to] by the calendar, in months so that its own limits play no part. */
function instants(schedule: string, timeZone: string, from: number, to: number): number[] {
  const calendar = readSchedule(schedule, timeZone);
  const found: number[] = [];
  for (let after = from; after < to; after += 30 * day)
    found.push(...calendar.between(after, Math.min(to, after + 30 * day), 100_000).newest);
  return found.sort((a, b) => a - b);
}
