/** Due times of the last day that came to nothing though somebody counted on them, with what can still be done. */
import { CalendarX2, Play, X } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Occurrence } from '#contract/ledger.ts';
import { missedSince } from '#state/select.ts';
import { useAction, useNames, useSelect } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { More } from '#ui/rows.tsx';
import { useToast } from '#ui/toasts.tsx';
import { At } from '#ui/when.tsx';
import { plural } from '#ui/words.ts';
import s from './missed-notice.module.css';
import { dueTimes, missedWords } from './missed-words.ts';
import { nameOf, usePutAway } from './put-away.ts';

/** Routines at first, and with each press for more. */
const page = 5;

/** @param since an ISO instant */
export function MissedNotice({ since }: { since: string }) {
  const missed = useSelect((state) => missedSince(state, since));
  const [seen, putAway] = usePutAway();
  const [shown, setShown] = useState(page);
  const rows = missed.filter((row) => !seen.has(nameOf(row)));
  if (rows.length === 0) return null;
  const routines = [...Map.groupBy(rows, ({ routine }) => routine)];
  return (
    <section className={s.notice} aria-label="Missed due times">
      <CalendarX2 size={17} aria-hidden className={s.icon} />
      <div className={s.words}>
        <h2>{missedWords(rows)}</h2>
        <ul className={s.routines}>
          {routines.slice(0, shown).map(([routine, of]) => (
            <Missed key={routine} routine={routine} rows={of} onStarted={() => putAway(of)} />
          ))}
        </ul>
        <More left={routines.length - shown} page={page} onMore={() => setShown(shown + page)} bare />
      </div>
      <Button look="ghost" icon={X} bare onClick={() => putAway(rows)} className={s.away}>
        Dismiss the missed due times
      </Button>
    </section>
  );
}

interface MissedProps {
  routine: string;
  /** Newest first. */
  rows: readonly Occurrence[];
  onStarted(): void;
}
function Missed({ routine, rows, onStarted }: MissedProps) {
  const name = useNames()(routine);
  const toast = useToast();
  const start = useAction((client) => client.routines.run({ routine }));
  const run = async () => {
    if (!(await start.run())) return;
    toast({ title: `${name} has started`, description: 'It is under Working now.' });
    onStarted();
  };
  const times = dueTimes(rows);
  return (
    <li className={s.routine}>
      <div className={s.line}>
        <strong className={s.name}>{name}</strong>
        <span className={s.when}>
          {times > 1 && `${plural(times, 'due time')}, the last `}
          {rows[0] && <At at={rows[0].dueAt} />}
        </span>
        <span className={s.acts}>
          <Link href={`/routines/${routine}?why=${rows[0]?.dueAt ?? ''}`} className={s.why} aria-label={`Why? ${name}`}>
            Why?
          </Link>
          <HostButton icon={Play} busy={start.busy} onClick={() => void run()} aria-label={`Run now: ${name}`}>
            Run now
          </HostButton>
        </span>
      </div>
      {start.fault && <FaultNote fault={start.fault} />}
    </li>
  );
}
