/** Due times and what became of each, with reason and cause; a page of them at a time. */
import { useState } from 'react';
import type { Cause, Occurrence } from '#contract/ledger.ts';
import { endedInShort } from '#features/runs/ended-words.tsx';
import { useNames, useSelect } from '#state/use.ts';
import { Button } from '#ui/button.tsx';
import { lookOfOccurrence, lookOfRun, Mark } from '#ui/mark.tsx';
import { useNow } from '#ui/now.ts';
import { Prose } from '#ui/prose.tsx';
import { More, Row, Rows } from '#ui/rows.tsx';
import { At } from '#ui/when.tsx';
import { clock, day, money, plural, sentence } from '#ui/words.ts';

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

interface LedgerRowsProps {
  rows: readonly Occurrence[];
  /** Rows at first, and with each press for more. */
  page: number;
  /** With the routine's name in front, where the rows are of several. */
  named?: boolean;
  zone?: string | undefined;
  /** Asked about the instant of a row. */
  onWhy?(at: string): void;
}

export function LedgerRows({ rows, page, ...rest }: LedgerRowsProps) {
  const [shown, setShown] = useState(page);
  return (
    <>
      <Rows label="Due times">
        {rows.slice(0, shown).map((row) => (
          <LedgerRow key={`${row.routine} ${row.dueAt}`} row={row} {...rest} />
        ))}
      </Rows>
      <More left={rows.length - shown} page={page} onMore={() => setShown(shown + page)} />
    </>
  );
}

type LedgerRowProps = { row: Occurrence } & Pick<LedgerRowsProps, 'named' | 'zone' | 'onWhy'>;
function LedgerRow({ row, named, zone, onWhy }: LedgerRowProps) {
  const now = useNow();
  const name = useNames();
  const run = useSelect((all) => (row.run ? all.runs[row.run] : undefined));
  const doing = run && run.state !== 'ended' ? run.activity : run && endedInShort(run);
  const about = [row.reason && sentence(row.reason), doing].filter(Boolean).join(' ');
  const due = (
    <span>
      {row.from && row.count > 1 && (
        <>
          <At at={row.from} zone={zone} />
          {' – '}
        </>
      )}
      <At at={row.dueAt} zone={zone} />
    </span>
  );
  const way = row.run ? `/runs/${row.run}` : named ? `/routines/${row.routine}?why=${row.dueAt}` : null;
  return (
    <Row
      mark={<Mark look={run ? lookOfRun(run) : lookOfOccurrence[row.state]} />}
      title={named ? name(row.routine) : due}
      {...(way && { href: way })}
      about={about && <Prose text={about} />}
      facts={
        <>
          {row.count > 1 && <span>{plural(row.count, 'due time')}</span>}
          {row.cause && <span>{causes[row.cause]}</span>}
          {run && <span>{lookOfOccurrence[row.state].word.toLowerCase()}</span>}
          {run && run.costMicros > 0 && <span>{money(run.costMicros)}</span>}
          {named && due}
        </>
      }
      action={
        onWhy && (
          <Button
            look="ghost"
            aria-label={`Why? ${day(row.dueAt, now, zone)} ${clock(row.dueAt, zone)}`}
            onClick={() => onWhy(row.dueAt)}
          >
            Why?
          </Button>
        )
      }
    />
  );
}
