/** Why a routine's folder cannot be read: file, line, what, and the cure. */
import type { RoutineProblem } from '#contract/routines.ts';
import { Prose } from '#ui/prose.tsx';
import { sentence } from '#ui/words.ts';
import s from './problem-note.module.css';

export function ProblemNote({ problem }: { problem: RoutineProblem }) {
  return (
    <div className={s.problem}>
      <p className={s.place}>
        <code>
          {problem.file}
          {problem.line !== undefined && `:${problem.line}`}
        </code>
        {problem.field && (
          <>
            {' '}
            <span>field {problem.field}</span>
          </>
        )}
      </p>
      <p>
        <Prose text={sentence(problem.message)} />
      </p>
      {problem.cure && (
        <p className={s.cure}>
          <Prose text={problem.cure} />
        </p>
      )}
    </div>
  );
}
