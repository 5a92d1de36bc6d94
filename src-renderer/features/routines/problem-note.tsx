/** Why a routine's folder cannot be read: file, line, what, and the cure. */
import type { RoutineProblem } from '#contract/routines.ts';
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
      <p>{problem.message}</p>
      {problem.cure && <p className={s.cure}>{problem.cure}</p>}
    </div>
  );
}
