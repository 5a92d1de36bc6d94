/** The next due times, in the routine's zone and, where it differs, in the local one. */
import { useNow } from '#ui/now.ts';
import { clock, day, exact, localZone, relative } from '#ui/words.ts';
import s from './due-times.module.css';

export function DueTimes({ times, zone }: { times: readonly string[]; zone: string }) {
  const now = useNow();
  const local = localZone();
  const differs = zone !== local && isZone(zone) && times.some((at) => clock(at, zone) !== clock(at));
  const shownZone = isZone(zone) ? zone : undefined;
  return (
    <ol className={s.times} aria-label="Next due times">
      {times.map((at) => (
        <li key={at} className={s.time} title={exact(at, shownZone)}>
          <span className={s.day}>{day(at, now, shownZone)}</span>
          <span className={s.clock}>{clock(at, shownZone)}</span>
          {differs && <span className={s.local}>{clock(at)} here</span>}
          {!differs && <span className={s.away}>{relative(at, now)}</span>}
        </li>
      ))}
    </ol>
  );
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
