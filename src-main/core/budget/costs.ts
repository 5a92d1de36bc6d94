/** Adds up what was paid, from the same rows that the caps are judged by. */
import type { Costs, Forecast } from '#contract/costs.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { isTrial } from '#contract/runs.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import type { Clock } from '#core/ports.ts';
import type { Routines } from '#core/routines/routines.ts';
import type { Store } from '#core/store/event-log.ts';
import { forecast, days as forecastDays } from './forecast.ts';

interface Parts {
  store: Store;
  routines: Routines;
  clock: Clock;
  timeZone: string;
  startOfDay(at: number): number;
}

const dayMs = 24 * 60 * 60 * 1000;
/** Runs that a forecast looks back on at most. */
const sample = 50;

/** Of the last `days` days, today among them. */
export function costsOf({ store, routines, clock, timeZone, startOfDay }: Parts, days: number): Costs {
  const now = clock.now();
  const midnights = [startOfDay(now)];
  while (midnights.length < days) midnights.unshift(startOfDay((midnights[0] as number) - 1));
  const ends = [...midnights.slice(1), Number.MAX_SAFE_INTEGER];
  const rows = midnights.map((from, index) => store.records.spentBetween(from, ends[index] as number));
  const all = rows.flat();
  const runs = store.records.paidRuns(midnights[0] as number);
  const known = routines.list();
  const ids = new Set([...known.map(({ id }) => id), ...all.map(({ routine }) => routine)]);
  const spent = sums(all, 'routine');
  const specs = new Map(known.map(({ id, spec }) => [id, spec]));
  return {
    timeZone,
    days: rows.map((row, index) => ({
      from: new Date(midnights[index] as number).toISOString(),
      micros: row.reduce((sum, { micros }) => sum + micros, 0),
      routines: dearest(sums(row, 'routine')).map(([routine, micros]) => ({ routine, micros })),
    })),
    purposes: dearest(sums(all, 'purpose')).map(([purpose, micros]) => ({ purpose, micros })),
    routines: dearest(new Map([...ids].map((id) => [id, spent.get(id) ?? 0]))).map(([routine, micros]) => ({
      ...{ routine, micros, runs: runs.get(routine) ?? 0 },
      forecast: forecastOf(store, routine, specs.get(routine) ?? null, now),
    })),
  };
}

function forecastOf(store: Store, routine: string, spec: RoutineSpec | null, now: number): Forecast | null {
  if (!spec) return null;
  // A rehearsal costs nothing and says nothing of what a model would.
  const costs = store.read
    .runs({ routine, limit: 4 * sample })
    .filter((run) => run.endedAt !== null && run.turns > 0 && !run.rehearsal && !isTrial(run))
    .slice(0, sample)
    .map(({ costMicros }) => costMicros);
  const calendar = readSchedule(spec.schedule, spec.timeZone);
  const due = spec.paused ? 0 : calendar.between(now, now + forecastDays * dayMs, 1).total;
  const { dollars, dollarsPerDay } = spec.limits;
  return forecast(costs, due, { run: Math.floor(dollars * 1e6), day: Math.floor(dollarsPerDay * 1e6) });
}

function sums<K extends string>(rows: readonly ({ micros: number } & Record<K, string>)[], by: K): Map<string, number> {
  const found = new Map<string, number>();
  for (const row of rows) found.set(row[by], (found.get(row[by]) ?? 0) + row.micros);
  return found;
}

function dearest(sums: Map<string, number>): [string, number][] {
  return [...sums].sort(([a, x], [b, y]) => y - x || a.localeCompare(b));
}
