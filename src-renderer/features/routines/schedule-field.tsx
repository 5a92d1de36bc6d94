/** When: in words, cron or by a quick choice; shown back as the host understands it, as one types. */
import { useEffect, useState } from 'react';
import type { FaultData } from '#contract/faults.ts';
import { useAnswer } from '#state/use.ts';
import { Choice, Field, inputClass } from '#ui/field.tsx';
import { Prose } from '#ui/prose.tsx';
import { capital, sentence } from '#ui/words.ts';
import type { Draft, FieldErrors } from './draft.ts';
import s from './schedule-field.module.css';
import { ScheduleMeaning } from './schedule-meaning.tsx';

const presets = ['nightly', 'daily', 'weekdays', 'weekly', 'hourly', 'manual'] as const;
const options: { value: string; label: string }[] = presets.map((value) => ({
  value,
  label: value === 'manual' ? 'By hand' : capital(value),
}));
const examples = ['every weekday at 7:30', 'every 90 minutes', 'first monday of the month at 9', 'tomorrow at 7'];
const zones = Intl.supportedValuesOf('timeZone');

interface ScheduleProps {
  draft: Pick<Draft, 'schedule' | 'timeZone'>;
  errors: FieldErrors;
  onChange(change: Partial<Draft>): void;
}

export function ScheduleField({ draft, errors, onChange }: ScheduleProps) {
  const asked = useSettled(draft.schedule, draft.timeZone);
  const settled = asked.schedule === draft.schedule && asked.timeZone === draft.timeZone;
  const answer = useAnswer(`preview ${asked.schedule} ${asked.timeZone}`, (client) =>
    client.routines.preview({ ...asked, count: 10 }),
  );
  const fault = settled && answer.is === 'failed' ? answer.fault : null;
  const refusal = (field: 'schedule' | 'timeZone') =>
    errors[field] ?? (fault?.field === field ? inLines(fault) : undefined);
  return (
    <div className={s.schedule}>
      <Field label="When" error={refusal('schedule')} hint="Plain words, or five cron fields such as 0 3 * * *">
        {(ids) => (
          <input
            {...ids}
            className={inputClass}
            value={draft.schedule}
            maxLength={200}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => onChange({ schedule: event.target.value })}
          />
        )}
      </Field>
      <ul className={s.examples} aria-label="Examples">
        {examples.map((example) => (
          <li key={example}>
            <button type="button" className={s.example} onClick={() => onChange({ schedule: example })}>
              {example}
            </button>
          </li>
        ))}
      </ul>
      <Choice
        label="Quick choices"
        value={draft.schedule.trim().toLowerCase()}
        options={options}
        onChange={(schedule) => onChange({ schedule })}
      />
      <Field label="Time zone" error={refusal('timeZone')}>
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
      <section className={s.meaning} aria-label="What this schedule means" aria-live="polite">
        {answer.is === 'loading' && <p className={s.quiet}>Working it out…</p>}
        {answer.is === 'failed' &&
          (answer.fault.field === 'schedule' || answer.fault.field === 'timeZone' ? (
            <p className={s.quiet}>Its due times will be here once it can be read.</p>
          ) : (
            <p className={s.wrong}>
              <Prose text={inLines(answer.fault)} />
            </p>
          ))}
        {answer.is === 'here' && <ScheduleMeaning preview={answer.value} zone={asked.timeZone} />}
      </section>
    </div>
  );
}

/** What stood in both fields when typing last paused. */
function useSettled(schedule: string, timeZone: string): { schedule: string; timeZone: string } {
  const [settled, setSettled] = useState({ schedule, timeZone });
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ schedule, timeZone }), 250);
    return () => clearTimeout(timer);
  }, [schedule, timeZone]);
  return settled;
}

const inLines = ({ message, cure }: FaultData) => [sentence(message), cure].filter(Boolean).join('\n');
