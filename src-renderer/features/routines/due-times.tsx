/** The next due times, in the routine's zone and, where it differs, in the local one. */
import type { Policies } from '#contract/policies.ts';
import { useNow } from '#ui/now.ts';
import { clock, day, exact, localZone, relative } from '#ui/words.ts';
import { inHours } from './active-hours.ts';
import s from './due-times.module.css';

interface DueTimesProps {
  times: readonly string[];
  zone: string;
  /** Due at another hour it is skipped. */
  hours: Policies['activeHours'];
}
export function DueTimes({ times, zone, hours }: DueTimesProps) {
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
          {!inHours(clock(at, shownZone), hours) ? (
            <span className={s.skipped}>outside its hours</span>
          ) : (
            !differs && <span className={s.away}>{relative(at, now)}</span>
          )}
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
