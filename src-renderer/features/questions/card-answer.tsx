/** Yes or no to one act, by button or by key, with a note; what either means stands above them. */
import { Check, MessageSquarePlus, ShieldCheck, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Question } from '#contract/questions.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { Confirm } from '#ui/confirm.tsx';
import { useLeft } from '#ui/deadline.tsx';
import { ExactText } from '#ui/exact.tsx';
import { Field, textClass } from '#ui/field.tsx';
import { useKeys } from '#ui/keys.tsx';
import s from './card-answer.module.css';
import { grantedText } from './granted-text.ts';
import { lastingOf } from './lasting.ts';
import { noMeans, yesMeans } from './question-words.ts';
import type { Decision } from './use-answering.ts';

interface CardAnswerProps {
  /** Never empty; all about the same act. */
  open: readonly Question[];
  /** The first deadline of them. */
  due: string;
  busy: boolean;
  current: boolean;
  noteKey: boolean;
  note: string;
  onNote(note: string): void;
  onAnswer(decision: Decision): void;
}

export function CardAnswer({ open, due, busy, current, noteKey, note, onNote, onAnswer }: CardAnswerProps) {
  const [noting, setNoting] = useState(false);
  const over = useLeft(due) <= 0;
  const startNote = () => setNoting(true);
  useKeys(
    current
      ? {
          // A key that is held must not answer what comes next.
          a: { what: 'Approve', do: (event) => !event.repeat && onAnswer('approve') },
          d: { what: 'Deny', do: (event) => !event.repeat && onAnswer('deny') },
          ...(noteKey && { n: { what: 'Add a note', do: startNote } }),
        }
      : {},
  );
  const [first] = open;
  if (!first) return null;
  const { action } = first;
  const lasting = lastingOf(open);
  const keys = (name: string) => (current ? { hotkey: name } : {});
  const all = open.length > 1 ? ` all ${open.length}…` : '';
  return (
    <>
      <dl className={s.means}>
        <dt>Yes</dt>
        <dd>{yesMeans(action)}</dd>
        <dt>No</dt>
        <dd>{noMeans(action)} No answer in time counts as no.</dd>
        {lasting && (
          <>
            <dt>Always</dt>
            <dd>
              {lasting.routines.length > 1
                ? `Each of the ${lasting.routines.length} routines may do this for good, as long as it stays what it is: `
                : 'Its routine may do this for good, as long as it stays what it is: '}
              <code>
                <ExactText text={grantedText(lasting.granted)} />
              </code>
            </dd>
          </>
        )}
      </dl>
      {noting && <Note note={note} onNote={onNote} />}
      {over && <p className={s.over}>The time to answer is over: it counts as denied.</p>}
      <div className={s.actions}>
        <HostButton
          look="primary"
          icon={Check}
          busy={busy}
          disabled={over}
          onClick={() => onAnswer('approve')}
          {...keys('a')}
        >
          {`Approve${all}`}
        </HostButton>
        <HostButton look="danger" icon={X} busy={busy} disabled={over} onClick={() => onAnswer('deny')} {...keys('d')}>
          {`Deny${all}`}
        </HostButton>
        {lasting && open.length > 1 && (
          // The last look before it is given to several asks by itself.
          <Button look="ghost" icon={ShieldCheck} disabled={over} onClick={() => onAnswer('always')}>
            {`Always, all ${open.length}…`}
          </Button>
        )}
        {lasting && open.length === 1 && (
          <Confirm
            icon={ShieldCheck}
            words="Always for this routine"
            ask="For good, exactly that rule?"
            yes="Yes, always"
            no="Not for good"
            busy={busy}
            disabled={over}
            onYes={() => onAnswer('always')}
          />
        )}
        {!noting && (
          <Button look="ghost" icon={MessageSquarePlus} onClick={startNote} {...(noteKey && keys('n'))}>
            Note
          </Button>
        )}
      </div>
    </>
  );
}

function Note({ note, onNote }: { note: string; onNote(note: string): void }) {
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.focus(), []);
  return (
    <Field label="Note" optional hint="It is told this with your answer, whether yes or no. Esc goes back to the keys.">
      {(ids) => (
        <textarea
          {...ids}
          ref={area}
          className={textClass}
          rows={2}
          maxLength={2000}
          value={note}
          onChange={(event) => onNote(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape')
              event.currentTarget.closest('article')?.querySelector<HTMLElement>('a, button')?.focus();
          }}
        />
      )}
    </Field>
  );
}
