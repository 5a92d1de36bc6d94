/** Runs that wait for a limit of their account: which go on now, and for how long somebody must stay awake for them. */
import type { Registration } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import type { Clock } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';

export interface Holds {
  /** Lets go on what has waited long enough; the routines of those runs. The caller starts them. */
  release(): string[];
  /** Milliseconds since the epoch until which the host must stay; in the past when the operating system wakes it. */
  until(): number;
}

interface Parts {
  store: Store;
  clock: Clock;
  /** Whether the operating system will wake it. */
  registered(routine: string): Registration;
}

/** Milliseconds: a host that leaves at once would leave before the operating system knows. */
const tellsWithin = 60_000;
/** Milliseconds: an instant so near is not worth leaving for; a timer of the system may also come that early. */
const near = 120_000;

export function createHolds({ store, clock, registered }: Parts): Holds {
  const held = () =>
    store.read
      .runs({ state: 'open', limit: 10_000 })
      .flatMap((run) => (run.held && run.state === 'running' ? [{ ...run, at: Date.parse(run.held.until) }] : []));
  let noted = 0;

  function stays({ routine, at }: Run & { at: number }): number {
    const woken = registered(routine).state === 'registered';
    return !woken || at - clock.now() <= near ? at + tellsWithin : 0;
  }

  return {
    release() {
      const due = held().filter(({ at }) => at <= clock.now());
      if (due.length === 0) return [];
      store.commit((writer) => {
        for (const { id } of due) {
          writer.append({ type: 'run.resumed', run: id, why: 'limit_lifted' });
          writer.outbox.add('run', id);
        }
        writer.outbox.add('alarms', '');
      });
      return due.map(({ routine }) => routine);
    },
    until() {
      if (store.outbox.pending('alarms').length > 0 && held().length > 0) noted = clock.now() + tellsWithin;
      return Math.max(noted, ...held().map(stays));
    },
  };
}
