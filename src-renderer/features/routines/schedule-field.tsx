/** When: presets or cron, with the host's own words and next due times as one types. */
import { useEffect, useState } from 'react';
import { useAnswer } from '#state/use.ts';
import { Choice, Field, inputClass, monoClass } from '#ui/field.tsx';
import { Prose } from '#ui/prose.tsx';
import { sentence } from '#ui/words.ts';
import type { Draft, FieldErrors } from './draft.ts';
import { DueTimes } from './due-times.tsx';
import s from './schedule-field.module.css';

const presets = ['nightly', 'daily', 'weekdays', 'weekly', 'hourly', 'manual'] as const;
const options = [
  ...presets.map((value) => ({
    value,
    label: value === 'manual' ? 'By hand' : value[0]?.toUpperCase() + value.slice(1),
  })),
  { value: 'cron', label: 'Cron…' },
] as const;
type Preset = (typeof presets)[number];
const isPreset = (schedule: string): schedule is Preset => (presets as readonly string[]).includes(schedule);

const zones = Intl.supportedValuesOf('timeZone');

interface ScheduleProps {
  draft: Pick<Draft, 'schedule' | 'timeZone'>;
  errors: FieldErrors;
  onChange(change: Partial<Draft>): void;
}

export function ScheduleField({ draft, errors, onChange }: ScheduleProps) {
  const [cron, setCron] = useState(isPreset(draft.schedule) ? '0 3 * * *' : draft.schedule);
  return (
    <div className={s.schedule}>
      <Choice
        label="When"
        value={isPreset(draft.schedule) ? draft.schedule : 'cron'}
        options={options}
        onChange={(value) => onChange({ schedule: value === 'cron' ? cron : value })}
        error={isPreset(draft.schedule) ? errors.schedule : undefined}
      />
      {!isPreset(draft.schedule) && (
        <Field label="Cron" error={errors.schedule} hint="Minute, hour, day, month, weekday">
          {(ids) => (
            <input
              {...ids}
              className={monoClass}
              value={draft.schedule}
              spellCheck={false}
              onChange={(event) => {
                setCron(event.target.value);
                onChange({ schedule: event.target.value });
              }}
            />
          )}
        </Field>
      )}
      <Field label="Time zone" error={errors.timeZone}>
        {(ids) => (
          <>
            <input
              {...ids}
              className={inputClass}
              value={draft.timeZone}
              list={`${ids.id}-zones`}
              spellCheck={false}
              onChange={(event) => onChange({ timeZone: event.target.value })}
            />
            <datalist id={`${ids.id}-zones`}>
              {zones.map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Preview schedule={draft.schedule} timeZone={draft.timeZone} />
    </div>
  );
}

/** Asks the host once typing pauses; the last good answer stays until the next. */
function Preview({ schedule, timeZone }: { schedule: string; timeZone: string }) {
  const [asked, setAsked] = useState({ schedule, timeZone });
  useEffect(() => {
    const timer = setTimeout(() => setAsked({ schedule, timeZone }), 200);
    return () => clearTimeout(timer);
  }, [schedule, timeZone]);
  const answer = useAnswer(`preview ${asked.schedule} ${asked.timeZone}`, (client) =>
    client.routines.preview({ ...asked, count: 5 }),
  );
  return (
    <section className={s.preview} aria-label="What this schedule means" aria-live="polite">
      {answer.is === 'loading' && <p className={s.quiet}>Working it out…</p>}
      {answer.is === 'failed' && (
        <div className={s.wrong}>
          <p>
            <Prose text={sentence(answer.fault.message)} />
          </p>
          {answer.fault.cure && (
            <p>
              <Prose text={answer.fault.cure} />
            </p>
          )}
        </div>
      )}
      {answer.is === 'here' && (
        <>
          <p>
            <strong>{answer.value.words}</strong>
          </p>
          {answer.value.next.length > 0 ? (
            <DueTimes times={answer.value.next.map((due) => due.at)} zone={asked.timeZone} />
          ) : (
            <p className={s.quiet}>It starts only when you press Run now.</p>
          )}
        </>
      )}
    </section>
  );
}
