/** The account of one routine: every due time with its reason and cause, narrowed to one state, each with its why. */
import { useState } from 'react';
import type { OccurrenceState } from '#contract/ledger.ts';
import { useAnswer, useSelect } from '#state/use.ts';
import { FaultNote } from '#ui/fault-note.tsx';
import { inputClass } from '#ui/field.tsx';
import { lookOfOccurrence } from '#ui/mark.tsx';
import { Section } from '#ui/page.tsx';
import { Nothing } from '#ui/rows.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { LedgerRows } from './ledger-rows.tsx';
import s from './ledger-section.module.css';

const states = Object.keys(lookOfOccurrence) as OccurrenceState[];
const page = 60;

interface LedgerSectionProps {
  routine: string;
  zone: string | undefined;
  onWhy(at: string): void;
}

export function LedgerSection({ routine, zone, onWhy }: LedgerSectionProps) {
  const [state, setState] = useState<OccurrenceState | 'all'>('all');
  const known = useSelect((all) => all.ledger.filter((row) => row.routine === routine));
  const answer = useAnswer(`ledger ${routine} ${state}`, (client) =>
    client.routines.ledger({ routine, limit: 1000, ...(state !== 'all' && { state }) }),
  );
  // What the page heard is newer than the answer, and may have moved a row to another state.
  const merged = new Map([...(answer.is === 'here' ? answer.value : []), ...known].map((row) => [row.dueAt, row]));
  const rows = [...merged.values()]
    .filter((row) => state === 'all' || row.state === state)
    .sort((a, b) => (a.dueAt < b.dueAt ? 1 : -1));
  const waits = answer.is === 'loading' && rows.length === 0;
  return (
    <Section
      title="Every due time"
      flush
      aside={
        <span className={s.aside}>
          {zone && rows.length > 0 && <span>{zone}</span>}
          <select
            aria-label="Show"
            className={inputClass}
            value={state}
            onChange={(event) => setState(event.target.value as OccurrenceState | 'all')}
          >
            <option value="all">All states</option>
            {states.map((one) => (
              <option key={one} value={one}>
                {lookOfOccurrence[one].word}
              </option>
            ))}
          </select>
        </span>
      }
    >
      {answer.is === 'failed' && <FaultNote fault={answer.fault} title="The account cannot be read whole" />}
      {waits && <Skeleton rows={3} height={46} />}
      {rows.length > 0 && <LedgerRows key={state} rows={rows} page={page} zone={zone} onWhy={onWhy} />}
      {answer.is === 'here' && rows.length === 0 && (
        <Nothing>
          {state === 'all'
            ? 'Nothing has been due yet. Each due time will have a row here, also if it could not run.'
            : `No due time is in the state “${lookOfOccurrence[state].word}”.`}
        </Nothing>
      )}
    </Section>
  );
}
