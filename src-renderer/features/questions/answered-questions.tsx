/** What was asked before, folded: how each ended, through which door, with which note. */
import { useState } from 'react';
import type { Question } from '#contract/questions.ts';
import { describeCall } from '#contract/state.ts';
import { visible } from '#contract/visible.ts';
import { useNames } from '#state/use.ts';
import { Mark } from '#ui/mark.tsx';
import { More, Row, Rows } from '#ui/rows.tsx';
import { Ago } from '#ui/when.tsx';
import { plural } from '#ui/words.ts';
import s from './answered-questions.module.css';
import { answeredWhere, lookOfQuestion, titleOf } from './question-words.ts';

const page = 25;

/** @param questions newest first */
export function AnsweredQuestions({ questions }: { questions: readonly Question[] }) {
  const name = useNames();
  const [count, setCount] = useState(page);
  if (questions.length === 0) return null;
  return (
    <details className={s.answered}>
      <summary>{plural(questions.length, 'earlier question')}</summary>
      <div className={s.frame}>
        <Rows label="Earlier questions">
          {questions.slice(0, count).map((question) => (
            <Row
              key={question.id}
              mark={<Mark look={lookOfQuestion[question.state]} />}
              title={titleOf(question.action)}
              href={`/runs/${question.run}`}
              about={aboutOf(question, name(question.routine))}
              facts={
                <>
                  {answeredWhere(question) && <span>{answeredWhere(question)}</span>}
                  <Ago at={question.answeredAt ?? question.askedAt} />
                </>
              }
            />
          ))}
        </Rows>
        <More left={questions.length - count} page={page} onMore={() => setCount(count + page)} />
      </div>
    </details>
  );
}

function aboutOf({ action, note }: Question, routine: string) {
  const act = action.kind === 'tool_call' && action.command !== null ? describeCall('', action.input).trim() : '';
  return (
    <>
      {routine}
      {act && (
        <>
          {' · '}
          <code>{visible(act)}</code>
        </>
      )}
      {note && ` · “${visible(note)}”`}
    </>
  );
}
