/** What was paid, day by day and for which routine, and what the coming month will likely cost. */
import { useEffect, useState } from 'react';
import type { Costs as Paid } from '#contract/costs.ts';
import { useAnswer, useSelect } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Page, Section } from '#ui/page.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { money, plural } from '#ui/words.ts';
import s from './costs.module.css';
import { DayBars } from './day-bars.tsx';
import { RoutineCosts } from './routine-costs.tsx';

const spans = [7, 30, 90] as const;

export function Costs() {
  const [days, setDays] = useState<number>(30);
  const costs = useAnswer(`costs ${days}`, (client) => client.budgets.costs({ days }));
  // Whatever was paid since makes it stale.
  const paid = useSelect((state) => Object.values(state.runs).reduce((sum, { costMicros }) => sum + costMicros, 0));
  const { again } = costs;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each payment asks again
  useEffect(again, [again, paid]);
  if (costs.is === 'failed')
    return (
      <Page name="Costs" sentence="The costs could not be read.">
        <FaultNote fault={costs.fault}>
          <HostButton onClick={again}>Try again</HostButton>
        </FaultNote>
      </Page>
    );
  return (
    <Page
      name="Costs"
      sentence={costs.is === 'here' ? sentenceOf(costs.value) : 'Adding up…'}
      more={
        <p>Reckoned from what the API says was used and a dated table of prices; a lost answer counts at its worst.</p>
      }
      actions={
        <fieldset className={s.spans} aria-label="How many days">
          {spans.map((span) => (
            <Button key={span} aria-pressed={span === days} onClick={() => setDays(span)}>
              {span} days
            </Button>
          ))}
        </fieldset>
      }
    >
      {costs.is === 'loading' ? <Skeleton rows={6} height={40} /> : <Shown costs={costs.value} />}
    </Page>
  );
}

function Shown({ costs }: { costs: Paid }) {
  const { days, purposes, routines, timeZone } = costs;
  return (
    <>
      <Section title="Day by day" aside={timeZone}>
        <DayBars days={days} timeZone={timeZone} />
        {purposes.length > 1 && (
          <p className={s.purposes}>
            {purposes.map(({ purpose, micros }) => (
              <span key={purpose}>
                {purposeWords[purpose] ?? purpose.replace(/^agent (.+)$/, 'Subagents of the kind $1')} {money(micros)}
              </span>
            ))}
          </p>
        )}
      </Section>
      <Section title="Routines">
        {routines.length === 0 ? (
          <p>There is no routine yet, and none was paid for.</p>
        ) : (
          <RoutineCosts routines={routines} />
        )}
      </Section>
    </>
  );
}

const purposeWords: Record<string, string> = {
  session: 'The agents themselves',
  classifier: 'Second opinions',
  judge: 'Judging goals',
  grader: 'Grading by rubrics',
  injection: 'Looking through results',
  compaction: 'Summaries of long conversations',
};

function sentenceOf({ days, routines }: Paid): string {
  const total = days.reduce((sum, { micros }) => sum + micros, 0);
  const coming = routines.reduce((sum, { forecast }) => sum + (forecast?.p50MonthMicros ?? 0), 0);
  const past =
    total === 0
      ? `Nothing was paid in the last ${plural(days.length, 'day')}`
      : `${money(total)} in the last ${plural(days.length, 'day')}`;
  return coming === 0 ? `${past}.` : `${past}; the next 30 will likely cost about ${money(coming)}.`;
}
