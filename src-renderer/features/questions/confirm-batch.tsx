/** The last look before one answer is given to many: each act once, how often, and the money in it. */
import { useState } from 'react';
import type { Question } from '#contract/questions.ts';
import { useNames } from '#state/use.ts';
import { Button, HostButton } from '#ui/button.tsx';
import { Dialog, DialogActions } from '#ui/dialog.tsx';
import { ExactText } from '#ui/exact.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Field, textClass } from '#ui/field.tsx';
import { capital, money, plural } from '#ui/words.ts';
import { ActionView } from './action-view.tsx';
import s from './confirm-batch.module.css';
import { grantedText } from './granted-text.ts';
import { lastingOf } from './lasting.ts';
import { groupsOf } from './question-groups.ts';
import { moneyIn, noMeans, titleOf } from './question-words.ts';
import { type Decision, useAnswering } from './use-answering.ts';

export interface Batch {
  questions: readonly Question[];
  decision: Decision;
  note: string;
}

interface ConfirmBatchProps {
  batch: Batch | null;
  onClose(): void;
  onDone(questions: readonly Question[]): void;
}

export function ConfirmBatch({ batch, onClose, onDone }: ConfirmBatchProps) {
  const title = batch ? `${wordOf(batch.decision)} ${plural(batch.questions.length, 'question')}?` : '';
  return (
    <Dialog open={batch !== null} onClose={onClose} title={title} wide>
      {batch && <Confirm batch={batch} onClose={onClose} onDone={onDone} />}
    </Dialog>
  );
}

function Confirm({ batch, onClose, onDone }: ConfirmBatchProps & { batch: Batch }) {
  const { questions, decision } = batch;
  const [note, setNote] = useState(batch.note);
  const answering = useAnswering();
  const total = moneyIn(questions);
  const submit = async () => {
    if (await answering.run(questions, decision, note)) onDone(questions);
  };
  return (
    <form
      className={s.form}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <ul className={s.acts}>
        {groupsOf(questions).map((group) => (
          <li key={group.key}>
            <h3>
              {group.questions.length > 1 && `${group.questions.length} × `}
              {titleOf(group.questions[0].action)}
            </h3>
            <ActionView action={group.questions[0].action} />
            {decision === 'always' && <Lasts questions={group.questions} />}
            {decision === 'deny' && <p className={s.quiet}>{noMeans(group.questions[0].action)}</p>}
          </li>
        ))}
      </ul>
      {decision === 'approve' && total > 0 && (
        <p>
          All in all <strong>{money(total)}</strong> more may be spent.
        </p>
      )}
      <Field label="Note" optional hint="Each of them is told this with your answer.">
        {(ids) => (
          <textarea
            {...ids}
            className={textClass}
            rows={2}
            maxLength={2000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </Field>
      {answering.fault && <FaultNote fault={answering.fault} title="None of them was answered" />}
      <DialogActions>
        <Button onClick={onClose}>Not yet</Button>
        <HostButton type="submit" look={decision === 'deny' ? 'danger' : 'primary'} busy={answering.busy}>
          {wordOf(decision)} {questions.length}
        </HostButton>
      </DialogActions>
    </form>
  );
}

const wordOf = (decision: Decision): string => (decision === 'always' ? 'Always allow' : capital(decision));

/** The exact rule, and who gets it. */
function Lasts({ questions }: { questions: readonly Question[] }) {
  const name = useNames();
  const lasting = lastingOf(questions);
  if (!lasting) return null;
  return (
    <p>
      For good, and for {lasting.routines.map(name).join(', ')}:{' '}
      <code>
        <ExactText text={grantedText(lasting.granted)} />
      </code>
    </p>
  );
}
