/** Keeps the OS scheduler in line with the routines: asked for in the same commit as the change, done after it. */
import type { Registration } from '#contract/routines.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import type { Alarm, Clock, Log, Scheduler } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Routines } from './routines.ts';

type Entry = ReturnType<Routines['list']>[number];

export interface Alarms {
  /** Brings the OS in line now; calls that come meanwhile share the next round. Never rejects. */
  sync(): Promise<void>;
  /** What the OS held at the last sync. */
  of(routine: string): Registration;
  /** What it holds at this moment, as far as it tells. Never rejects. */
  now(routine: string): Promise<Registration>;
  /** How this machine's scheduler can say a schedule. */
  exactness: Scheduler['exactness'];
}

interface Parts {
  store: Store;
  routines: Routines;
  scheduler: Scheduler;
  clock: Clock;
  log: Log;
}

export function createAlarms({ store, routines, scheduler, clock, log }: Parts): Alarms {
  let held = new Map<string, Registration>();
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;

  async function round(): Promise<void> {
    next = null;
    try {
      held = await scheduler.sync(wanted());
      if (store.outbox.pending('alarms').length > 0) store.commit((writer) => writer.outbox.done('alarms', ''));
    } catch (error) {
      log.error('bringing the OS scheduler in line', error);
    }
  }

  function wanted(): Alarm[] {
    const waits = store.read.runs({ state: 'open', limit: 10_000 }).flatMap(({ routine, held }) => {
      const at = held ? Date.parse(held.until) : 0;
      return at > clock.now() ? [{ routine, at }] : [];
    });
    const listed = routines.list();
    const homeless = waits.filter(({ routine }) => !listed.some(({ id, spec }) => id === routine && spec));
    return [...listed.flatMap(ofRoutine), ...[...new Set(homeless.map(({ routine }) => routine))].map(ofRunsAlone)];

    function ofRoutine(entry: Entry): Alarm[] {
      if (!entry.spec) return [];
      const { timeZone, name, policies, paused } = entry.spec;
      // A trial run comes also while its routine is paused: it is how one finds out whether to begin.
      const { schedule } = readSchedule(paused ? 'manual' : entry.spec.schedule, timeZone, clock.now());
      const trials = store.records.trials(entry.id, clock.now());
      // So does a run that has begun and waits for a limit to lift.
      const held = waits.flatMap(({ routine, at }) => (routine === entry.id ? [at] : []));
      const added = paused ? [] : store.records.oneOffs(entry.id, clock.now());
      const once = [...new Set([...added, ...trials, ...held])].sort((a, b) => a - b);
      if (schedule.kind === 'manual' && once.length === 0) return [];
      return [{ routine: entry.id, name, schedule, timeZone, once, wake: policies.wake }];
    }

    /** Tasks, and what a routine that is gone has left: nothing of it is ever due again, but what waits is to go on. */
    function ofRunsAlone(routine: string): Alarm {
      const once = homeless.flatMap((each) => (each.routine === routine ? [each.at] : [])).sort((a, b) => a - b);
      const { schedule } = readSchedule('manual', 'UTC', clock.now());
      return { routine, name: routine, schedule, timeZone: 'UTC', once: [...new Set(once)] };
    }
  }

  const of = (routine: string): Registration =>
    held.get(routine) ?? { state: 'not_needed', detail: 'Nothing to wake it for.' };

  return {
    sync() {
      next ??= running = running.then(round);
      return next;
    },
    exactness: (schedule, timeZone) => scheduler.exactness(schedule, timeZone),
    of,
    now: async (routine) => (await scheduler.look?.(routine)) ?? of(routine),
  };
}
