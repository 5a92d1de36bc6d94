/** What waits for a person: each row with the right verb. */

import { CircleAlert } from 'lucide-react';
import type { Proposal } from '#contract/proposals.ts';
import type { Question } from '#contract/questions.ts';
import type { Routine } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { visible } from '#contract/visible.ts';
import { describeChange, verdict } from '#features/proposals/claims.ts';
import { groupsOf } from '#features/questions/question-groups.ts';
import { iconOf, titleOf } from '#features/questions/question-words.ts';
import { endedInShort } from '#features/runs/ended-words.tsx';
import { useNames, useRunNames } from '#state/use.ts';
import { ButtonLink } from '#ui/button.tsx';
import { Deadline } from '#ui/deadline.tsx';
import { type Look, lookOfProposal, lookOfRoutine, lookOfRun, Mark } from '#ui/mark.tsx';
import { Prose } from '#ui/prose.tsx';
import { Row, Rows } from '#ui/rows.tsx';
import { Ago } from '#ui/when.tsx';
import { plural, sentence } from '#ui/words.ts';

export interface Needs {
  proposals: Proposal[];
  questions: Question[];
  broken: Routine[];
  unwoken: Routine[];
  failed: Run[];
}

const problem: Look = { icon: CircleAlert, word: 'Not woken', tone: 'waiting' };

export function NeedsYou({ needs }: { needs: Needs }) {
  const name = useRunNames();
  return (
    <Rows label="Needs you">
      {groupsOf(needs.questions).map(({ key, questions }) => (
        <Row
          key={key}
          mark={<Mark look={{ icon: iconOf(questions[0].action), word: 'Asks you', tone: 'waiting' }} />}
          title={titleOf(questions[0].action)}
          href="/questions"
          about={<Asking questions={questions} />}
          facts={<Deadline at={questions[0].deadline} />}
          action={<ButtonLink href="/questions">Answer</ButtonLink>}
        />
      ))}
      {needs.proposals.map((proposal) => (
        <Row
          key={proposal.id}
          mark={<Mark look={{ ...lookOfProposal.open, word: 'Proposal' }} />}
          title={proposal.title}
          href={`/proposals/${proposal.id}`}
          about={`${describeChange(proposal)} · ${verdict(proposal).words}`}
          facts={<Ago at={proposal.openedAt} />}
          action={<ButtonLink href={`/proposals/${proposal.id}`}>Review</ButtonLink>}
        />
      ))}
      {needs.broken.map((routine) => (
        <Row
          key={routine.id}
          mark={<Mark look={lookOfRoutine(routine)} />}
          title={routine.id}
          href={`/routines/${routine.id}`}
          about={routine.problem && <Prose text={sentence(routine.problem.message)} />}
          action={<ButtonLink href={`/routines/${routine.id}`}>See where</ButtonLink>}
        />
      ))}
      {needs.failed.map((run) => (
        <Row
          key={run.id}
          mark={<Mark look={lookOfRun(run)} />}
          title={name(run)}
          href={`/runs/${run.id}`}
          about={<Prose text={endedInShort(run)} />}
          facts={run.endedAt && <Ago at={run.endedAt} />}
          action={<ButtonLink href={`/runs/${run.id}`}>See why</ButtonLink>}
        />
      ))}
      {needs.unwoken.map((routine) => (
        <Row
          key={routine.id}
          mark={<Mark look={problem} />}
          title={routine.spec?.name ?? routine.id}
          href={`/routines/${routine.id}`}
          about={<Prose text={routine.registration.detail} />}
          action={<ButtonLink href={`/routines/${routine.id}`}>See why</ButtonLink>}
        />
      ))}
    </Rows>
  );
}

/** The act in one line, and whose it is. */
function Asking({ questions }: { questions: readonly [Question, ...Question[]] }) {
  const name = useNames();
  const { action, routine } = questions[0];
  return (
    <>
      {questions.length === 1 ? name(routine) : plural(questions.length, 'run')}
      {action.kind === 'tool_call' && action.command !== null && (
        <>
          {' · '}
          <code>{visible(action.command.slice(0, 160))}</code>
        </>
      )}
    </>
  );
}
