/** Where a comment is written, and how a collected one looks. */
import { X } from 'lucide-react';
import { useId, useState } from 'react';
import type { Comment } from '#contract/proposals.ts';
import { Button } from '#ui/button.tsx';
import { textClass } from '#ui/field.tsx';
import s from './compose.module.css';

interface ComposeProps {
  label: string;
  onAdd(text: string): void;
  onCancel(): void;
}

export function Compose({ label, onAdd, onCancel }: ComposeProps) {
  const [text, setText] = useState('');
  const id = useId();
  return (
    <form
      className={s.compose}
      onSubmit={(event) => {
        event.preventDefault();
        onAdd(text);
      }}
    >
      <label htmlFor={id} className={s.label}>
        {label}
      </label>
      <textarea
        id={id}
        ref={begin}
        className={textClass}
        rows={3}
        value={text}
        placeholder="What should be different?"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && text === '') {
            // Only this is closed, not what is around it.
            event.stopPropagation();
            onCancel();
          }
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.stopPropagation();
            onAdd(text);
          }
        }}
      />
      <div className={s.actions}>
        <Button look="ghost" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" hotkey="Mod+Enter" disabled={text.trim() === ''}>
          Add comment
        </Button>
      </div>
    </form>
  );
}

/** One object for all renders, so that typing does not scroll. */
function begin(element: HTMLTextAreaElement | null): void {
  element?.focus({ preventScroll: true });
  element?.form?.scrollIntoView({ block: 'nearest' });
}

export function DraftNote({
  comment,
  onDrop,
  placed,
}: {
  comment: Comment;
  onDrop?: (() => void) | undefined;
  placed?: boolean;
}) {
  return (
    <div className={s.draft} data-draft={onDrop && ''}>
      <div className={s.text}>
        {placed && comment.path && (
          <code className={s.place}>
            {comment.path}
            {comment.line !== undefined && `:${comment.line}`}
          </code>
        )}
        <p>{comment.text}</p>
      </div>
      {onDrop && (
        <Button look="ghost" icon={X} bare onClick={onDrop}>
          Remove this comment
        </Button>
      )}
    </div>
  );
}
