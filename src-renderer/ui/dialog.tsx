/** A question that keeps the page behind it. */
import { Dialog as Base } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import s from './dialog.module.css';

interface DialogProps {
  open: boolean;
  onClose(): void;
  title: string;
  /** The title is for screen readers only. */
  untitled?: boolean;
  children: ReactNode;
  wide?: boolean;
}

export function Dialog({ open, onClose, title, untitled, children, wide }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={s.backdrop} />
        <Base.Viewport className={s.viewport}>
          <Base.Popup className={cx(s.popup, wide && s.wide, untitled && s.bare)}>
            <Base.Title className={cx(s.title, untitled && 'sr-only')}>{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

export const DialogActions = ({ children }: { children: ReactNode }) => <div className={s.actions}>{children}</div>;
