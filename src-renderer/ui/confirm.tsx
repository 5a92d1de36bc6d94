/** A button that asks once more where it stands, and acts only then. */
import type { LucideIcon } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button, HostButton } from './button.tsx';
import s from './confirm.module.css';

interface ConfirmProps {
  words: string;
  /** For screen readers, where `words` alone does not say of what. */
  label?: string;
  ask: string;
  yes: string;
  no: string;
  icon?: LucideIcon;
  look?: 'plain' | 'primary' | 'danger' | 'ghost';
  busy?: boolean;
  disabled?: boolean;
  onYes(): void;
}

export function Confirm({ words, label, ask, yes, no, icon, look = 'plain', busy, disabled, onYes }: ConfirmProps) {
  const [asking, setAsking] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const asked = useRef(false);
  // The focus goes to what does nothing, and back to where it was.
  useEffect(() => {
    if (asking || asked.current) box.current?.querySelector<HTMLElement>('button:last-of-type')?.focus();
    asked.current = asking;
  }, [asking]);
  const icons = icon ? { icon } : {};
  const busily = { ...(busy !== undefined && { busy }), ...(disabled !== undefined && { disabled }) };
  return (
    <div ref={box}>
      {asking ? (
        <fieldset
          aria-label={ask}
          className={s.confirm}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            setAsking(false);
          }}
        >
          <span className={s.ask}>{ask}</span>
          <HostButton
            look={look === 'danger' ? 'danger' : 'primary'}
            {...busily}
            onClick={() => {
              setAsking(false);
              onYes();
            }}
          >
            {yes}
          </HostButton>
          <Button onClick={() => setAsking(false)}>{no}</Button>
        </fieldset>
      ) : (
        <HostButton look={look} {...icons} {...busily} aria-label={label} onClick={() => setAsking(true)}>
          {words}
        </HostButton>
      )}
    </div>
  );
}
