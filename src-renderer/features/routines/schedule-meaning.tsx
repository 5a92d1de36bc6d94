/** A schedule shown back: in words, in its exact spelling, in its next due times, and how the system can keep it. */
import type { SchedulePreview } from '#contract/routines.ts';
import { useNow } from '#ui/now.ts';
import { clock, day, exact, localZone } from '#ui/words.ts';
import times from './due-times.module.css';
import s from './schedule-meaning.module.css';

const exactness: Record<SchedulePreview['exactness'], string> = {
  exact: 'The timer of this system keeps exactly these times.',
  superset: 'The timer of this system wakes us more often; we only run when it is due.',
};

export function ScheduleMeaning({ preview, zone }: { preview: SchedulePreview; zone: string }) {
  const { words, canonical, next, schedule } = preview;
  return (
    <div className={s.meaning}>
      <p>
        <strong>{words}</strong>
        <br />
        <span className={s.spelling}>
          Exactly: <code>{canonical}</code>
        </span>
      </p>
      {next.length > 0 && <NextTimes next={next} zone={zone} />}
      {schedule.kind === 'manual' && <p className={s.quiet}>It starts only when you press Run now.</p>}
      {schedule.kind !== 'manual' && next.length === 0 && (
        <p className={s.quiet}>That has passed: it will not be due again. Write a time that is ahead.</p>
      )}
      {schedule.kind !== 'manual' && next.length > 0 && <p className={s.quiet}>{exactness[preview.exactness]}</p>}
    </div>
  );
}

/** Each with the offset of the routine's zone then; where the offset changes, clocks did. */
function NextTimes({ next, zone }: Pick<SchedulePreview, 'next'> & { zone: string }) {
  const now = useNow();
  const differs = zone !== localZone() && next.some(({ at }) => clock(at, zone) !== clock(at));
  return (
    <ol className={times.times} aria-label="Next due times">
      {next.map(({ at, local }, index) => {
        const offset = offsetOf(local);
        const before = index === 0 ? offsetNow(zone, now) : offsetOf(next[index - 1]?.local ?? local);
        return (
          <li key={at} className={times.time} title={exact(at, zone)}>
            {before !== offset && (
              <span className={s.change}>
                Clocks change before this: {before} becomes {offset}
              </span>
            )}
            <span className={times.day}>{day(at, now, zone)}</span>
            <span className={times.clock}>{local.slice(11, 16)}</span>
            <span className={times.local}>{offset}</span>
            {differs && <span className={times.away}>{clock(at)} here</span>}
          </li>
        );
      })}
    </ol>
  );
}

/** `+01:00`, as it ends the local time. */
const offsetOf = (local: string) => local.slice(-6);

function offsetNow(zone: string, now: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(now);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  return name.slice(3) || '+00:00';
}
