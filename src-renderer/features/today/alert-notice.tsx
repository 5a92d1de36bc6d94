/** What a person should look at, that is no run's own outcome: newest first, until it is put away. */
import { BellRing, X } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Alert } from '#contract/alerts.ts';
import { visible } from '#contract/visible.ts';
import { ownDoor } from '#link/door.ts';
import { type Action, useAction, useNames, useSelect } from '#state/use.ts';
import { HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { useKeys } from '#ui/keys.tsx';
import { Prose } from '#ui/prose.tsx';
import { More } from '#ui/rows.tsx';
import { At } from '#ui/when.tsx';
import { capital, sentence, spelled } from '#ui/words.ts';
import s from './alert-notice.module.css';

/** Alerts at first, and with each press for more. */
const page = 3;

/** @param alerts newest first */
export function AlertNotice({ alerts }: { alerts: readonly Alert[] }) {
  const [newest] = alerts;
  return newest ? <Shown alerts={alerts} newest={newest} /> : null;
}

function Shown({ alerts, newest }: { alerts: readonly Alert[]; newest: Alert }) {
  const [shown, setShown] = useState(page);
  const away = useAction((client, seq: number) => client.alerts.dismiss({ seq, door: ownDoor() }));
  const allAway = useAction((client, through: number) => client.alerts.dismissAll({ through, door: ownDoor() }));
  const several = alerts.length > 1;
  useKeys({
    x: {
      what: 'Put this alert away',
      // A key that is held puts away nothing that nobody has read.
      do: (event) => void (event.repeat || away.run(focused() ?? newest.seq)),
    },
    ...(several && { 'Shift+X': { what: 'Put all alerts away', do: () => void allAway.run(newest.seq) } }),
  });
  const fault = away.fault ?? allAway.fault;
  return (
    <section className={s.notice} aria-label="Alerts">
      <header className={s.head}>
        <BellRing size={17} aria-hidden className={s.icon} />
        <h2>{several ? `${capital(spelled(alerts.length))} alerts` : 'One alert'}</h2>
        {several && (
          <HostButton look="ghost" busy={allAway.busy} hotkey="Shift+X" onClick={() => void allAway.run(newest.seq)}>
            Put all away
          </HostButton>
        )}
      </header>
      <ul className={s.alerts} aria-live="polite">
        {alerts.slice(0, shown).map((alert) => (
          <Row key={alert.seq} alert={alert} away={away} hotkey={alert === newest} />
        ))}
      </ul>
      <More left={alerts.length - shown} page={page} onMore={() => setShown(shown + page)} bare />
      {fault && <FaultNote fault={fault} />}
    </section>
  );
}

interface RowProps {
  alert: Alert;
  away: Action<[number], unknown>;
  /** The letter is shown on one of them. */
  hotkey: boolean;
}
function Row({ alert: { seq, at, about, routine, text }, away, hotkey }: RowProps) {
  const name = useNames();
  const known = useSelect((state) => state.routines.some(({ id }) => id === routine));
  const subject = routine === null ? null : name(routine);
  return (
    <li className={s.alert} data-row="" data-alert={seq}>
      <p className={s.text}>
        <Prose text={visible(sentence(text))} />
      </p>
      <div className={s.line}>
        <At at={at} />
        {about && (
          <Link href={`/runs/${about}`} className={s.link}>
            {subject ? `Run of ${subject}` : 'Its run'}
          </Link>
        )}
        {!about && known && (
          <Link href={`/routines/${routine}`} className={s.link}>
            {subject}
          </Link>
        )}
        {!about && !known && subject && <span>{subject}</span>}
        <HostButton
          look="ghost"
          icon={X}
          busy={away.busy}
          className={s.away}
          aria-label={`Put away: ${text.slice(0, 60)}`}
          onClick={() => void away.run(seq)}
          {...(hotkey && { hotkey: 'x' })}
        >
          Put away
        </HostButton>
      </div>
    </li>
  );
}

/** The alert that has the keyboard. */
function focused(): number | undefined {
  const row = document.activeElement?.closest<HTMLElement>('[data-alert]');
  return row ? Number(row.dataset.alert) : undefined;
}
