/** The runs that ask for one act, each with its own time and, where there are several, its own answer. */
import { Check, X } from 'lucide-react';
import { Link } from 'wouter';
import type { Question } from '#contract/questions.ts';
import { useNames } from '#state/use.ts';
import { Button } from '#ui/button.tsx';
import { Deadline } from '#ui/deadline.tsx';
import { Mark } from '#ui/mark.tsx';
import { Ago } from '#ui/when.tsx';
import s from './askers.module.css';
import { openIn, type QuestionGroup } from './question-groups.ts';
import { lookOfQuestion, ownPart } from './question-words.ts';
import type { Decision } from './use-answering.ts';

interface AskersProps {
  group: QuestionGroup;
  disabled: boolean;
  onAnswer(question: Question, decision: Decision): void;
}

export function Askers({ group, disabled, onAnswer }: AskersProps) {
  const name = useNames();
  const several = group.questions.length > 1;
  const open = openIn(group);
  const apart = open.length > 1;
  // To the minute: one and the same time is said once, above.
  const times = new Set(open.map(({ deadline }) => deadline.slice(0, 16)));
  return (
    <ul className={s.askers} aria-label="Who asks">
      {group.questions.map((question) => {
        const waits = question.state === 'open';
        const routine = name(question.routine);
        return (
          <li key={question.id} className={s.asker}>
            <span className={s.who}>
              <Link href={`/routines/${question.routine}`}>{routine}</Link>,{' '}
              <Link href={`/runs/${question.run}`}>{question.run}</Link>
            </span>
            {several && ownPart(question) && <span>{ownPart(question)}</span>}
            <span className={s.when}>
              asked <Ago at={question.askedAt} />
            </span>
            {waits && times.size > 1 && <Deadline at={question.deadline} />}
            {several && !waits && <Mark look={lookOfQuestion[question.state]} />}
            {apart && waits && (
              <span className={s.own}>
                <Button
                  look="ghost"
                  icon={Check}
                  bare
                  disabled={disabled}
                  onClick={() => onAnswer(question, 'approve')}
                >
                  Approve only {routine}, {question.run}
                </Button>
                <Button look="ghost" icon={X} bare disabled={disabled} onClick={() => onAnswer(question, 'deny')}>
                  Deny only {routine}, {question.run}
                </Button>
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
