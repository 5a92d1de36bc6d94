/** A length of time: a number and its unit. */
import { Field, inputClass } from '#ui/field.tsx';
import type { Unit } from './policy-draft.ts';
import s from './policy-fields.module.css';

const units: readonly Unit[] = ['minutes', 'hours', 'days'];

interface SpanFieldProps {
  label: string;
  text: string;
  unit: Unit;
  error: string | undefined;
  hint?: string;
  onText(text: string): void;
  onUnit(unit: Unit): void;
}

export function SpanField({ label, text, unit, error, hint, onText, onUnit }: SpanFieldProps) {
  return (
    <Field label={label} error={error} hint={hint}>
      {(ids) => (
        <div className={s.span}>
          <input
            {...ids}
            className={inputClass}
            inputMode="decimal"
            value={text}
            onChange={(event) => onText(event.target.value)}
          />
          <select
            aria-label={`${label}: unit`}
            className={inputClass}
            value={unit}
            onChange={(event) => onUnit(event.target.value as Unit)}
          >
            {units.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </div>
      )}
    </Field>
  );
}
