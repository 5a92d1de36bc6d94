/** Short notes that leave by themselves; one may carry an undo. */
import { Toast } from '@base-ui/react/toast';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import s from './toasts.module.css';

export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider limit={3}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className={s.viewport}>
          <Rows />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Rows() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className={s.toast} data-note="">
      <Toast.Content className={s.content}>
        <div className={s.words}>
          <Toast.Title className={s.title} />
          <Toast.Description className={s.description} />
        </div>
        <Toast.Action className={s.action} />
        <Toast.Close className={s.close} aria-label="Dismiss">
          <X size={14} aria-hidden />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}

export interface Note {
  title: string;
  description?: string;
  /** Offered for 10 s. */
  undo?: () => void;
}

/** Shows a note. */
export function useToast(): (note: Note) => void {
  const { add, close } = Toast.useToastManager();
  return ({ title, description, undo }) => {
    const id: string = add({
      title,
      description,
      timeout: undo ? 10_000 : 5000,
      ...(undo && {
        actionProps: {
          children: 'Undo',
          onClick: () => {
            close(id);
            undo();
          },
        },
      }),
    });
  };
}
