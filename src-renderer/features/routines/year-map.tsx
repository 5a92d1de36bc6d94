/** A year of one routine, a square a day: what ran, what did not, what is planned; the same as a table. */
import { useState } from 'react';
import type { Routine } from '#contract/routines.ts';
import { useAnswer, useSelect } from '#state/use.ts';
import { Button } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { useNow } from '#ui/now.ts';
import { Section } from '#ui/page.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { count } from '#ui/words.ts';
import { FateLegend } from './fate-legend.tsx';
import { kinds } from './fates.ts';
import { type Year, yearOf } from './year-days.ts';
import s from './year-map.module.css';
import { YearPlot } from './year-plot.tsx';
import { dateWords, rounded, sentenceOf } from './year-words.ts';

const dayMs = 86_400_000;
const most = { rows: 1000, planned: 1000 };

export function YearMap({ routine, spec }: { routine: Routine; spec: NonNullable<Routine['spec']> }) {
  const [table, setTable] = useState(false);
  const now = useNow();
  const hour = Math.floor(now / 3_600_000);
  const known = useSelect((state) => state.ledger.filter((row) => row.routine === routine.id));
  const runs = useSelect((state) => state.runs);
  const past = useAnswer(`year of ${routine.id}`, (client) =>
    client.routines.ledger({ routine: routine.id, since: new Date(now - 364 * dayMs).toISOString(), limit: most.rows }),
  );
  const { schedule, timeZone, paused } = spec;
  const plan = useAnswer(`plan ${schedule} ${timeZone} ${paused} ${hour}`, async (client) =>
    paused ? [] : (await client.routines.preview({ schedule, timeZone, count: most.planned })).next,
  );
  const fault = past.is === 'failed' ? past.fault : plan.is === 'failed' ? plan.fault : null;
  if (fault)
    return (
      <Section title="The year">
        <FaultNote fault={fault} title="The year cannot be shown" />
      </Section>
    );
  if (past.is !== 'here' || plan.is !== 'here')
    return (
      <Section title="The year">
        <Skeleton rows={1} height={150} />
      </Section>
    );
  // What the page heard since is newer than the answer.
  const rows = new Map([...past.value, ...known].map((row) => [row.dueAt, row]));
  const held = Date.parse(spec.policies.pausedUntil ?? '') || 0;
  const planned = plan.value.filter(({ at }) => Date.parse(at) > Math.max(now, held));
  const more = plan.value.length === most.planned;
  const cut = past.value.length === most.rows;
  const year = yearOf({ rows: [...rows.values()], runs, planned, more, zone: timeZone, now });
  const said = notes(year, { cut, more, paused });
  return (
    <Section
      title="The year"
      aside={
        <Button look="ghost" aria-pressed={table} onClick={() => setTable(!table)}>
          As a table
        </Button>
      }
    >
      {table ? <YearTable year={year} /> : <YearPlot year={year} label={sentenceOf(year)} />}
      <FateLegend kinds={kinds} totals={year.totals} />
      {said.length > 0 && <p className={s.note}>{said.join(' ')}</p>}
    </Section>
  );
}

function YearTable({ year }: { year: Year }) {
  const days = year.days.filter(({ tally }) => kinds.some((kind) => tally[kind] > 0));
  if (days.length === 0) return <p className={s.note}>Nothing was due and nothing is planned.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section className={s.scroll} tabIndex={0} aria-label="Days with due times">
      <table className={s.table}>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {kinds.map((kind) => (
              <th key={kind} scope="col">
                {kind}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.map(({ date, tally }) => (
            <tr key={date}>
              <th scope="row">{dateWords(date)}</th>
              {kinds.map((kind) => (
                <td key={kind}>{tally[kind] > 0 && rounded(tally[kind])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function notes(year: Year, { cut, more, paused }: { cut: boolean; more: boolean; paused: boolean }): string[] {
  const last = year.days.findLast(({ tally }) => tally.planned > 0)?.date;
  return [
    paused ? 'Nothing is planned while it is paused.' : '',
    more && last && year.days.some(({ unknown }) => unknown)
      ? `Planned up to ${dateWords(last)}, the next ${count(most.planned)} due times.`
      : '',
    cut ? `Of the past, the newest ${count(most.rows)} rows.` : '',
    year.spread ? 'Due times that share one row are spread evenly over their days.' : '',
  ].filter(Boolean);
}
