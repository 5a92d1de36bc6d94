/** A labelled input with its hint and its error where the eye is. */
import { type ReactNode, useId } from 'react';
import { cx } from './cx.ts';
import s from './field.module.css';
import { Prose } from './prose.tsx';

interface FieldProps {
  label: string;
  hint?: ReactNode;
  /** One sentence a line. */
  error?: string | undefined;
  optional?: boolean;
  children: (ids: {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': true | undefined;
  }) => ReactNode;
}

export function Field({ label, hint, error, optional, children }: FieldProps) {
  const id = useId();
  const described = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return (
    <div className={s.field} data-invalid={error ? '' : undefined}>
      <label htmlFor={id} className={s.label}>
        {label}
        {optional && <span className={s.optional}> optional</span>}
      </label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': error ? true : undefined })}
      {error && (
        <p id={`${id}-error`} className={s.error}>
          <Prose text={error} />
        </p>
      )}
      {hint && !error && (
        <p id={`${id}-hint`} className={s.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}

export const inputClass = s.input;
export const textClass = cx(s.input, s.text);
export const monoClass = cx(s.input, s.mono);

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string; title?: string; disabled?: boolean }[];
  onChange(value: T): void;
  hint?: ReactNode;
  error?: string | undefined;
}

/** One of a few, all visible: radio buttons that look like one strip. */
export function Choice<T extends string>({ label, value, options, onChange, hint, error }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset className={s.field}>
      <legend className={s.label}>{label}</legend>
      <div className={s.strip}>
        {options.map((option) => (
          <label key={option.value} className={s.option} title={option.title}>
            <input
              type="radio"
              name={name}
              checked={option.value === value}
              disabled={option.disabled}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
      {error && (
        <p className={s.error}>
          <Prose text={error} />
        </p>
      )}
      {hint && !error && <p className={s.hint}>{hint}</p>}
    </fieldset>
  );
}
