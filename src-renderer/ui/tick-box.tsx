/** Yes or no, with what it means. */
import { Check } from 'lucide-react';
import { useId } from 'react';
import { Prose } from './prose.tsx';
import s from './tick-box.module.css';

interface TickBoxProps {
  label: string;
  hint?: string;
  checked: boolean;
  onChange(checked: boolean): void;
}

export function TickBox({ label, hint, checked, onChange }: TickBoxProps) {
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
        {label}
      </label>
      {hint && (
        <p id={id} className={s.hint}>
          <Prose text={hint} />
        </p>
      )}
    </div>
  );
}
