/** The picture of a year: a column a week, a square a day; kinds differ in shape as well as in hue. */

import { cx } from '#ui/cx.ts';
import { Plot } from '#ui/plot.tsx';
import f from './fate.module.css';
import { fates } from './fates.ts';
import { weeks, type Year, type YearDay } from './year-days.ts';
import s from './year-map.module.css';
import { dateWords, tallyWords } from './year-words.ts';

const left = 32;
const top = 20;
const mostStep = 12;
const weekdays = ['Mon', '', 'Wed', '', 'Fri', '', 'Sun'];

export function YearPlot({ year, label }: { year: Year; label: string }) {
  return (
    <Plot height={top + 7 * mostStep} label={label}>
      {(width) => {
        const step = Math.min(mostStep, (width - left) / weeks);
        const size = Math.max(3, Math.floor(step) - 2);
        return (
          <>
            {step > 9 &&
              weekdays.map(
                (name, row) =>
                  name && (
                    <text key={name} x={0} y={top + row * step + size} className={s.axis}>
                      {name}
                    </text>
                  ),
              )}
            {monthsOf(year, step).map(({ name, week }) => (
              <text key={week} x={left + week * step} y={11} className={s.axis}>
                {name}
              </text>
            ))}
            {year.days.map((day, index) => (
              <g
                key={day.date}
                transform={`translate(${left + Math.floor(index / 7) * step} ${top + (index % 7) * step})`}
              >
                <title>{`${dateWords(day.date)}: ${tallyWords(day.tally)}`}</title>
                <Square day={day} size={size} today={day.date === year.today} />
              </g>
            ))}
          </>
        );
      }}
    </Plot>
  );
}

/** The worst of a day is what is shown; its title has the rest. */
function Square({ day, size, today }: { day: YearDay; size: number; today: boolean }) {
  const { tally, unknown } = day;
  const kind = fates.toReversed().find((fate) => tally[fate] > 0) ?? (tally.planned > 0 ? 'planned' : 'none');
  if (unknown && kind === 'none') return null;
  const amount = fates.reduce((sum, fate) => sum + tally[fate], tally.planned);
  const inset = kind === 'skipped' || kind === 'planned' ? 0.75 : 0;
  const box = { x: inset, y: inset, width: size - 2 * inset, height: size - 2 * inset, rx: 2 };
  return (
    <g className={cx(f.fate, s.day)} data-fate={kind} data-heat={amount > 8 ? 3 : amount > 1 ? 2 : 1}>
      <rect {...box} className={kind === 'none' ? s.nothing : f.shape} />
      {kind === 'failed' && size > 6 && (
        <path d={`M${size / 2 - 2} ${size / 2 - 2}l4 4m0 -4l-4 4`} className={f.cross} />
      )}
      {kind === 'late' && <rect width={size} height={Math.min(3, size / 2)} rx={1} className={f.cap} />}
      {today && <rect x={-1.5} y={-1.5} width={size + 3} height={size + 3} rx={3} className={s.today} />}
    </g>
  );
}

/** Names of months over the weeks in which they begin, none too near to the one before. */
function monthsOf({ days }: Year, step: number): { name: string; week: number }[] {
  const found: { name: string; week: number }[] = [];
  for (let week = 0; week < weeks; week += 1) {
    const first = days.slice(week * 7, week * 7 + 7).find(({ date }) => date.endsWith('-01'));
    const before = found.at(-1);
    if (!first || week > weeks - 2 || (before && (week - before.week) * step < 32)) continue;
    const name = new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' }).format(new Date(first.date));
    found.push({ name, week });
  }
  return found;
}
