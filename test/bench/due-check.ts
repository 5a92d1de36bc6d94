/** A check of what is due, with 500 routines and a year of ledger. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { RoutineSpec } from '#contract/routines.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { openStore } from '#core/store/event-log.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { type Line, median, processorMs } from './measure.ts';

const many = 500;
const dayMs = 86_400_000;
const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC'];

export async function dueChecks(home: string, rounds: number): Promise<Line[]> {
  const directory = join(home, 'due');
  mkdirSync(directory);
  let now = Math.floor(Date.now() / dayMs) * dayMs + dayMs / 2;
  const clock = { ...systemClock, now: () => now };
  const ids = createIds(systemClock);
  const store = openStore(join(directory, 'a.db'), clock);
  const routines = openRoutines(join(directory, 'routines'));
  const parts = { store, routines, clock, ids };
  const setUp = createLedger(parts);
  for (let i = 0; i < many; i++) {
    const when = { schedule: `${i % 60} 3 * * *`, timeZone: zones[i % zones.length] };
    const id = routines.add(`r-${i}`, RoutineSpec.parse({ name: `r ${i}`, prompt: 'p', repository: '/', ...when }));
    store.commit((writer) => {
      setUp.begin(writer, id);
      for (let day = 1; day <= 365; day++) {
        const at = new Date(now - day * dayMs).toISOString();
        const row = {
          routine: id,
          dueAt: at,
          claimedAt: at,
          state: 'ran' as const,
          run: ids.next('run'),
          reason: null,
        };
        const occurrence = { ...row, claimedBy: 'os_timer' as const, count: 1, cause: null, from: null };
        writer.append({ type: 'occurrence.claimed', routine: id, occurrence });
      }
    });
  }
  const ledger = createLedger({ ...parts, routines: openRoutines(join(directory, 'routines')) });
  const check = (routine?: string): number => processorMs(() => void ledger.account('os_timer', routine));
  const timed = (before: () => void, routine?: string) =>
    median(
      Array.from({ length: rounds }, () => {
        before();
        return check(routine);
      }),
    );
  const first = check();
  const none = timed(() => {});
  // r-0 is due at three, every day.
  const one = timed(() => {
    now += dayMs;
    check();
    store.commit((writer) => writer.records.setAccountedTo('r-0', now - dayMs));
  }, 'r-0');
  store.close();
  const words = `${many} routines, a year of rows`;
  return [
    { what: `due check, ${words}: nothing due`, ours: none, unit: 'ms', most: { value: 20 } },
    { what: `due check, ${words}: its timer asks`, ours: one, unit: 'ms', most: { value: 20 } },
    { what: `due check, ${words}: first of a host`, ours: first, unit: 'ms' },
  ];
}
