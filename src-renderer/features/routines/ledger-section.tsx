/** The account of one routine: every due time with its reason and cause, narrowed to one state, each with its why. */
import { useState } from 'react';
import type { Cause, Occurrence, OccurrenceState } from '#contract/ledger.ts';
import { endedInShort } from '#features/runs/ended-words.tsx';
import { useAnswer, useSelect } from '#state/use.ts';
import { Button } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { inputClass } from '#ui/field.tsx';
import { lookOfOccurrence, lookOfRun, Mark } from '#ui/mark.tsx';
import { useNow } from '#ui/now.ts';
import { Section } from '#ui/page.tsx';
import { Prose } from '#ui/prose.tsx';
import { Nothing, Row, Rows } from '#ui/rows.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { At } from '#ui/when.tsx';
import { clock, day, money, plural, sentence } from '#ui/words.ts';
import s from './ledger-section.module.css';

const causes: Record<Cause, string> = {
  overlapped: 'run still open',
  too_late: 'too late',
  coalesced: 'newer one ran',
  paused: 'paused',
  paused_all: 'all paused',
  outside_hours: 'outside its hours',
  too_soon: 'too soon',
  on_battery: 'on battery',
  metered: 'metered network',
  over_budget: 'over budget',
  blocked: 'could not begin',
  machine_off: 'machine off',
  asleep: 'asleep',
  logged_out: 'logged out',
  host_down: 'nobody looked',
  clock_changed: 'clock set',
  stopped: 'stopped',
  removed: 'routine removed',
  internal: 'bug',
};
const states = Object.keys(lookOfOccurrence) as OccurrenceState[];
const page = 60;

interface LedgerSectionProps {
  routine: string;
  zone: string | undefined;
  onWhy(at: string): void;
}

export function LedgerSection({ routine, zone, onWhy }: LedgerSectionProps) {
  const [state, setState] = useState<OccurrenceState | 'all'>('all');
  const [shown, setShown] = useState(page);
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
            onChange={(event) => {
              setState(event.target.value as OccurrenceState | 'all');
              setShown(page);
            }}
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
      {rows.length > 0 && (
        <Rows label="Due times">
          {rows.slice(0, shown).map((row) => (
            <LedgerRow key={row.dueAt} row={row} zone={zone} onWhy={onWhy} />
          ))}
        </Rows>
      )}
      {rows.length > shown && (
        <div className={s.more}>
          <Button onClick={() => setShown(shown + page)}>Show {Math.min(page, rows.length - shown)} more</Button>
        </div>
      )}
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

function LedgerRow({ row, zone, onWhy }: { row: Occurrence } & Pick<LedgerSectionProps, 'zone' | 'onWhy'>) {
  const now = useNow();
  const run = useSelect((all) => (row.run ? all.runs[row.run] : undefined));
  const doing = run && run.state !== 'ended' ? run.activity : run && endedInShort(run);
  const about = [row.reason && sentence(row.reason), doing].filter(Boolean).join(' ');
  const name = `${day(row.dueAt, now, zone)} ${clock(row.dueAt, zone)}`;
  return (
    <Row
      mark={<Mark look={run ? lookOfRun(run) : lookOfOccurrence[row.state]} />}
      title={
        <>
          {row.from && row.count > 1 && (
            <>
              <At at={row.from} zone={zone} />
              {' – '}
            </>
          )}
          <At at={row.dueAt} zone={zone} />
        </>
      }
      {...(row.run && { href: `/runs/${row.run}` })}
      about={about && <Prose text={about} />}
      facts={
        <>
          {row.count > 1 && <span>{plural(row.count, 'due time')}</span>}
          {row.cause && <span>{causes[row.cause]}</span>}
          {run && <span>{lookOfOccurrence[row.state].word.toLowerCase()}</span>}
          {run && run.costMicros > 0 && <span>{money(run.costMicros)}</span>}
        </>
      }
      action={
        <Button look="ghost" aria-label={`Why? ${name}`} onClick={() => onWhy(row.dueAt)}>
          Why?
        </Button>
      }
    />
  );
}
