/** Holds all routines back, until an instant or until a person lifts it. */
import { Fault } from '#contract/faults.ts';
import type { PauseAll } from '#contract/ledger.ts';
import type { Clock } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Pause } from '#core/store/time-records.ts';

export interface PausingAll {
  current(): PauseAll | null;
  /** A pause that is on already gets the new end. Throws `input` for an end that is past. */
  pause(until: string | null): PauseAll;
  /** Not paused: nothing happens. */
  resume(): void;
}

export function createPausingAll({ store, clock }: { store: Store; clock: Clock }): PausingAll {
  function running(): Pause | undefined {
    const now = clock.now();
    return store.records.pauses(now, now).findLast((pause) => pause.to === null || pause.to > now);
  }
  const shown = ({ from, to }: Pause): PauseAll => ({
    since: new Date(from).toISOString(),
    until: to === null ? null : new Date(to).toISOString(),
  });
  return {
    current() {
      const pause = running();
      return pause ? shown(pause) : null;
    },
    pause(until) {
      const to = until === null ? null : Date.parse(until);
      if (to !== null && to <= clock.now())
        throw new Fault('input', `${until} is past.`, { field: 'until', cure: 'Give an instant ahead, or none.' });
      const pause = { from: running()?.from ?? clock.now(), to };
      store.commit((writer) => {
        writer.records.setPause(pause);
        writer.append({ type: 'routines.paused_all', paused: true, until });
      });
      return shown(pause);
    },
    resume() {
      const pause = running();
      if (!pause) return;
      store.commit((writer) => {
        writer.records.setPause({ from: pause.from, to: clock.now() });
        writer.append({ type: 'routines.paused_all', paused: false, until: null });
      });
    },
  };
}
