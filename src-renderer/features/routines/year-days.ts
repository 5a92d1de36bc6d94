/** A year of one routine by local days: what became of the past, what is planned as far as the host was asked. */
import type { Occurrence } from '#contract/ledger.ts';
import type { Run } from '#contract/runs.ts';
import type { DueTime } from '#contract/schedules.ts';
import { fateOf, type Kind, kinds } from './fates.ts';

export const weeks = 52;
const dayMs = 86_400_000;

export type Tally = Record<Kind, number>;
export interface YearDay {
  /** `2026-11-20`. */
  date: string;
  tally: Tally;
  /** Beyond the last due time that the host was asked for: nothing can be said. */
  unknown: boolean;
}
export interface Year {
  /** Whole weeks from Monday, oldest first. */
  days: YearDay[];
  totals: Tally;
  today: string;
  /** Some rows stand for several due times: their days are spread evenly between the first and the last. */
  spread: boolean;
}

interface YearParts {
  rows: readonly Occurrence[];
  runs: Readonly<Record<string, Run>>;
  planned: readonly DueTime[];
  /** More is planned after the last of `planned`. */
  more: boolean;
  zone: string;
  now: number;
}

/** As much of the future as is known, one to 26 weeks of it; the rest is past. */
export function yearOf({ rows, runs, planned, more, zone, now }: YearParts): Year {
  const today = dateOf(now, zone);
  const last = planned.at(-1)?.local.slice(0, 10) ?? today;
  const monday = epoch(today) - ((new Date(epoch(today)).getUTCDay() + 6) % 7) * dayMs;
  const ahead = Math.min(26, Math.max(1, Math.ceil((epoch(last) - monday + dayMs) / (7 * dayMs))));
  const start = monday - (weeks - ahead) * 7 * dayMs;
  const days = Array.from({ length: weeks * 7 }, (_, index): YearDay => {
    const date = new Date(start + index * dayMs).toISOString().slice(0, 10);
    return { date, tally: empty(), unknown: more && date > last };
  });
  const at = (date: string) => days[Math.round((epoch(date) - start) / dayMs)];
  for (const { local } of planned) {
    const day = at(local.slice(0, 10));
    if (day) day.tally.planned += 1;
  }
  let spread = false;
  for (const row of rows) {
    const fate = fateOf(row, row.run ? runs[row.run] : undefined);
    if (!fate) continue;
    spread ||= row.count > 1 && row.from !== null;
    for (const { instant, share } of instantsOf(row)) {
      const day = at(dateOf(instant, zone));
      if (day) day.tally[fate] += share;
    }
  }
  const totals = empty();
  for (const { tally } of days) for (const kind of kinds) totals[kind] += tally[kind];
  return { days, totals, today, spread };
}

const empty = (): Tally => ({ ran: 0, late: 0, skipped: 0, failed: 0, planned: 0 });
const epoch = (date: string) => Date.parse(`${date}T00:00:00Z`);

/** More than this many are not told apart in a picture of days. */
const mostSteps = 730;
function instantsOf({ dueAt, from, count }: Occurrence): { instant: number; share: number }[] {
  const to = Date.parse(dueAt);
  if (from === null || count === 1) return [{ instant: to, share: count }];
  const first = Date.parse(from);
  const steps = Math.min(count, mostSteps);
  return Array.from({ length: steps }, (_, index) => ({
    instant: first + ((to - first) * index) / Math.max(1, steps - 1),
    share: count / steps,
  }));
}

const formats = new Map<string, Intl.DateTimeFormat>();
function dateOf(instant: number, timeZone: string): string {
  const known =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formats.set(timeZone, known);
  return known.format(instant);
}
