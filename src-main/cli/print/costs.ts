/** What was paid and what is likely to come, for a terminal. */
import type { Costs, Forecast } from '#contract/costs.ts';
import { taskRoutine } from '#contract/tasks.ts';
import type { Paint } from './paint.ts';
import { facts, table } from './table.ts';
import { money } from './words.ts';

/** Characters of the longest bar. */
const longestBar = 30;

export function costLines(paint: Paint, { timeZone, days, purposes, routines }: Costs): string[] {
  const most = Math.max(...days.map(({ micros }) => micros));
  const total = days.reduce((sum, { micros }) => sum + micros, 0);
  const day = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  const paid = days.filter(({ micros }) => micros > 0);
  return [
    ...facts(paint, [
      ['paid', `${money(total)} in ${days.length} ${days.length === 1 ? 'day' : 'days'}, midnights of ${timeZone}`],
      ['for', purposes.map(({ purpose, micros }) => `${purpose} ${money(micros)}`).join(', ')],
    ]),
    '',
    ...(paid.length === 0
      ? ['Nothing was paid.']
      : table(
          paint,
          ['DAY', 'PAID', ''],
          paid.map(({ from, micros, routines: shares }) => [
            day.format(new Date(from)),
            money(micros),
            `${'█'.repeat(Math.max(1, Math.round((longestBar * micros) / most)))} ${paint.dim(shares.map(({ routine }) => routine).join(', '))}`,
          ]),
        )),
    '',
    ...table(
      paint,
      ['ROUTINE', 'PAID', 'RUNS', 'HALF OF THE RUNS', '9 OF 10', 'NEXT 30 DAYS', 'FROM'],
      routines.map(({ routine, micros, runs, forecast }) => [
        ...[routine, money(micros), String(runs)],
        ...(forecast ? ahead(forecast) : ['', '', '', paint.dim(whyNone(routine, runs))]),
      ]),
    ),
  ];
}

/** Why there is no forecast. */
function whyNone(routine: string, runs: number): string {
  if (routine === taskRoutine) return 'tasks are never due again';
  return runs < 3 ? 'fewer than 3 runs' : 'gone, or fewer than 3 runs of the kind that is due';
}

function ahead({ runs, p50RunMicros, p90RunMicros, due, p50MonthMicros, p90MonthMicros }: Forecast): string[] {
  const month = due === 0 ? 'not due' : `${money(p50MonthMicros)}, at 9 of 10 ${money(p90MonthMicros)}`;
  return [`≤ ${money(p50RunMicros)}`, `≤ ${money(p90RunMicros)}`, month, `${runs} runs, due ${due} times`];
}
