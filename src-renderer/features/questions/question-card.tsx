/** One act that waits for an answer: what exactly, who asks, why, until when, and what yes and no mean. */
import { useState } from 'react';
import { Link } from 'wouter';
import type { Question } from '#contract/questions.ts';
import { visible } from '#contract/visible.ts';
import { useLive, useNames } from '#state/use.ts';
import { cx } from '#ui/cx.ts';
import { Deadline, useLeft } from '#ui/deadline.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { Mark } from '#ui/mark.tsx';
import { Prose } from '#ui/prose.tsx';
import { TickBox } from '#ui/tick-box.tsx';
import { plural, sentence } from '#ui/words.ts';
import { ActionView } from './action-view.tsx';
import { Askers } from './askers.tsx';
import { CardAnswer } from './card-answer.tsx';
import s from './question-card.module.css';
import { openIn, type QuestionGroup } from './question-groups.ts';
import { answeredWhere, iconOf, lookOfQuestion, titleOf } from './question-words.ts';
import { type Decision, useAnswering } from './use-answering.ts';

interface QuestionCardProps {
  group: QuestionGroup;
  /** The keys `a` and `d` are for this one. */
  current: boolean;
  /** `n` is the note's; elsewhere it may have another meaning. */
  noteKey: boolean;
  /** Absent where there is only this one. */
  selected?: boolean;
  onSelect?(): void;
  onHere?(): void;
  /** Several at once have to be confirmed first. */
  onBatch?(questions: Question[], decision: Decision, note: string): void;
  /** It stands on the page of its run. */
  ofRun?: boolean;
}

export function QuestionCard({
  group,
  current,
  noteKey,
  selected,
  onSelect,
  onHere,
  onBatch,
  ofRun,
}: QuestionCardProps) {
  const [first] = group.questions;
  const open = openIn(group);
  const { action } = first;
  const Icon = iconOf(action);
  const title = titleOf(action);
  const answering = useAnswering();
  const live = useLive();
  const [note, setNote] = useState('');
  const due = soonest(open) ?? first.deadline;
  const left = useLeft(due);
  const can = open.length > 0 && left > 0 && live && !answering.busy;
  const answer = async (questions: Question[], decision: Decision) => {
    if (!can) return;
    if (questions.length > 1) onBatch?.(questions, decision, note);
    else await answering.run(questions, decision, note);
  };
  return (
    <article
      className={cx(s.card, open.length === 0 && s.settled)}
      aria-label={title}
      data-question-card=""
      data-current={current ? '' : undefined}
      onFocus={onHere}
      onPointerDown={onHere}
    >
      <header className={s.head}>
        {onSelect && open.length > 0 && (
          <TickBox label={`Select: ${title}`} bare checked={selected ?? false} onChange={onSelect} />
        )}
        <Icon size={17} aria-hidden className={s.icon} />
        <h2 className={s.title}>{ofRun ? title : <Link href={`/runs/${first.run}`}>{title}</Link>}</h2>
        <span className={s.due}>
          {open.length > 0 ? <Deadline at={due} /> : <Mark look={lookOfQuestion[first.state]} />}
        </span>
      </header>
      {open.length === 0 && <Settled question={first} />}
      {answering.fault && <FaultNote fault={answering.fault} title="Your answer was not recorded" />}
      {open.length > 0 && (
        <>
          <Why questions={open} />
          <ActionView action={action} />
        </>
      )}
      {!(ofRun && open.length > 0) && (
        <Askers group={group} disabled={!can} onAnswer={(one, decision) => void answer([one], decision)} />
      )}
      {open.length > 0 && (
        <CardAnswer
          open={open}
          due={due}
          busy={answering.busy}
          current={current}
          noteKey={noteKey}
          note={note}
          onNote={setNote}
          onAnswer={(decision) => void answer(open, decision)}
        />
      )}
    </article>
  );
}

const soonest = (questions: readonly Question[]): string | undefined =>
  questions.map(({ deadline }) => deadline).toSorted()[0];

/** Each reason once, with the code that it is known by. */
function Why({ questions }: { questions: readonly Question[] }) {
  const reasons = [...new Map(questions.map(({ code, why }) => [`${code} ${why}`, { code, why }])).values()];
  return (
    <ul className={s.why}>
      {reasons.slice(0, 5).map(({ code, why }) => (
        <li key={`${code} ${why}`}>
          <Prose text={sentence(visible(why))} /> <code className={s.code}>{visible(code)}</code>
        </li>
      ))}
      {reasons.length > 5 && <li>{plural(reasons.length - 5, 'more reason')}: their runs show them.</li>}
    </ul>
  );
}

function Settled({ question }: { question: Question }) {
  const name = useNames();
  const where = answeredWhere(question);
  return (
    <p className={s.outcome}>
      {question.state === 'expired' && 'Nobody answered in time: it counted as denied. '}
      {question.state === 'withdrawn' && `${name(question.routine)} ended or went on without it. `}
      {where && `Answered ${where}. `}
      {question.note && <>Your note: “{visible(question.note)}”</>}
    </p>
  );
}
