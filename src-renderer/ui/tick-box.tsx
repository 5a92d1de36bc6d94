/** Yes or no, with what it means. */
import { Check } from 'lucide-react';
import { useId } from 'react';
import { cx } from './cx.ts';
import { Prose } from './prose.tsx';
import s from './tick-box.module.css';

interface TickBoxProps {
  label: string;
  /** The label is for screen readers only. */
  bare?: boolean;
  hint?: string;
  checked: boolean;
  onChange(checked: boolean): void;
}

export function TickBox({ label, bare, hint, checked, onChange }: TickBoxProps) {
  const id = useId();
  return (
    <div className={s.tick}>
      <label className={s.label}>
        <input
          type="checkbox"
          checked={checked}
          aria-describedby={hint ? id : undefined}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span className={s.box}>{checked && <Check size={13} aria-hidden />}</span>
        <span className={cx(bare && 'sr-only')}>{label}</span>
      </label>
      {hint && (
        <p id={id} className={s.hint}>
          <Prose text={hint} />
        </p>
      )}
    </div>
  );
}
