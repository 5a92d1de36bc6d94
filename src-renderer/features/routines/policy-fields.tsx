/** What is to happen when a due time meets the rest of life; folded away, for the usual answers do for most. */
import { useState } from 'react';
import { Policies } from '#contract/policies.ts';
import { Choice, Field, inputClass } from '#ui/field.tsx';
import { useNow } from '#ui/now.ts';
import { TickBox } from '#ui/tick-box.tsx';
import { instantOf, wallClock } from '#ui/wall-clock.ts';
import { localZone, plural } from '#ui/words.ts';
import { type PolicyDraft, policiesFrom, policyCures } from './policy-draft.ts';
import s from './policy-fields.module.css';
import { policyWords } from './policy-words.ts';
import { SpanField } from './span-field.tsx';
import { systemWords } from './system-words.ts';
import type { FieldsProps } from './what-fields.tsx';

const modes = [
  { value: 'latest', label: 'Run the newest' },
  { value: 'each', label: 'Run each' },
  { value: 'skip', label: 'Leave it' },
] as const;
const modeHints: Record<PolicyDraft['catchUp'], string> = {
  latest: 'However many were missed, one run makes up for them.',
  each: 'One run for every due time that was missed, oldest first.',
  skip: 'What was missed is written down and not run.',
};
const overlaps: { value: PolicyDraft['overlap']; label: string }[] = [
  { value: 'skip', label: 'Skip the new one' },
  { value: 'queue_one', label: 'Let one wait' },
  { value: 'queue_all', label: 'Let every one wait' },
  { value: 'cancel_old', label: 'End the old run, start the new one' },
  { value: 'parallel', label: 'Run them side by side' },
];
const system = systemWords(navigator.userAgent);

export function PolicyFields({ draft, errors, onChange }: FieldsProps) {
  const [opened, setOpened] = useState(false);
  const now = useNow();
  const wrong = Object.keys(errors).some((field) => field in policyCures);
  const read = Policies.safeParse(policiesFrom(draft));
  const unusual = read.success ? policyWords(read.data, now).length : null;
  const past = draft.pausedUntil !== '' && Date.parse(draft.pausedUntil) <= now;
  return (
    <details className={s.policies} open={opened || wrong} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary className={s.summary}>
        <h2>When things get in the way</h2>
        <span className={s.quiet}>
          {unusual === 0 ? 'as usual' : unusual !== null && `${plural(unusual, 'answer')} of your own`}
        </span>
      </summary>
      <div className={s.groups}>
        <fieldset className={s.group}>
          <legend>Nobody was there when it was due</legend>
          <Choice
            label="What was missed"
            value={draft.catchUp}
            options={modes}
            hint={modeHints[draft.catchUp]}
            onChange={(catchUp) => onChange({ catchUp })}
          />
          {draft.catchUp !== 'skip' && (
            <>
              <SpanField
                label="Not when later than"
                text={draft.within}
                unit={draft.withinUnit}
                error={errors.within}
                onText={(within) => onChange({ within })}
                onUnit={(withinUnit) => onChange({ withinUnit, within: draft.within })}
              />
              <TickBox
                label="Only on the same day"
                hint="The day of the routine’s own time zone."
                checked={draft.sameDay}
                onChange={(sameDay) => onChange({ sameDay })}
              />
            </>
          )}
        </fieldset>
        <fieldset className={s.group}>
          <legend>Another run is going</legend>
          <Field label="While a run of this routine is open" error={errors.overlap}>
            {(ids) => (
              <select
                {...ids}
                className={inputClass}
                value={draft.overlap}
                onChange={(event) => onChange({ overlap: event.target.value as PolicyDraft['overlap'] })}
              >
                {overlaps.map(({ value, label }) => (
                  <option key={value} value={value}>
                    {label}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <SpanField
            label="Between two starts, at least"
            text={draft.minimumDistance}
            unit={draft.distanceUnit}
            error={errors.minimumDistance}
            hint="What comes sooner is skipped. 0: no such rule."
            onText={(minimumDistance) => onChange({ minimumDistance })}
            onUnit={(distanceUnit) => onChange({ distanceUnit, minimumDistance: draft.minimumDistance })}
          />
          <Field
            label="Priority"
            error={errors.priority}
            hint="From -10 to 10: higher goes first when not all can start."
          >
            {(ids) => (
              <input
                {...ids}
                className={inputClass}
                inputMode="numeric"
                value={draft.priority}
                onChange={(event) => onChange({ priority: event.target.value })}
              />
            )}
          </Field>
        </fieldset>
        <fieldset className={s.group}>
          <legend>The hour does not suit</legend>
          <TickBox
            label="Start only in some hours"
            hint="Local hours; they may span midnight."
            checked={draft.activeHours}
            onChange={(activeHours) => onChange({ activeHours })}
          />
          {draft.activeHours && (
            <div className={s.pair}>
              <ClockField label="From" value={draft.from} error={errors.from} onChange={(from) => onChange({ from })} />
              <ClockField label="To" value={draft.to} error={errors.to} onChange={(to) => onChange({ to })} />
            </div>
          )}
          <Field
            label="Put off by up to, minutes"
            error={errors.jitter}
            hint="Always the same for one routine, so that not all start at once."
          >
            {(ids) => (
              <input
                {...ids}
                className={inputClass}
                inputMode="numeric"
                value={draft.jitter}
                onChange={(event) => onChange({ jitter: event.target.value })}
              />
            )}
          </Field>
          <Field
            label="Paused until"
            optional
            error={errors.pausedUntil}
            hint={past ? 'That has passed: it holds nothing back.' : `Your time, ${localZone()}.`}
          >
            {(ids) => (
              <input
                {...ids}
                type="datetime-local"
                className={inputClass}
                value={wallClock(draft.pausedUntil)}
                onChange={(event) => onChange({ pausedUntil: instantOf(event.target.value) })}
              />
            )}
          </Field>
        </fieldset>
        <fieldset className={s.group}>
          <legend>Power, network, sleep</legend>
          <TickBox label="Only on mains power" checked={draft.onMains} onChange={(onMains) => onChange({ onMains })} />
          <TickBox
            label="Only on a network that is not metered"
            checked={draft.unmetered}
            onChange={(unmetered) => onChange({ unmetered })}
          />
          <TickBox
            label="Keep the machine awake while it runs"
            hint={system.keepAwake}
            checked={draft.keepAwake}
            onChange={(keepAwake) => onChange({ keepAwake })}
          />
          <TickBox
            label="Wake the machine for it"
            hint={system.wake}
            checked={draft.wake}
            onChange={(wake) => onChange({ wake })}
          />
        </fieldset>
      </div>
    </details>
  );
}

interface ClockFieldProps {
  label: string;
  value: string;
  error: string | undefined;
  onChange(value: string): void;
}

function ClockField({ label, value, error, onChange }: ClockFieldProps) {
  return (
    <Field label={label} error={error}>
      {(ids) => (
        <input
          {...ids}
          type="time"
          className={inputClass}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
