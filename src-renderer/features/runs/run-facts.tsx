/** What is known of a run beside its words: cause, cost, place, and what the sandbox held. */

import { ShieldCheck } from 'lucide-react';
import { Link } from 'wouter';
import { cacheShare } from '#contract/cache.ts';
import { isTrial, type Run } from '#contract/runs.ts';
import { taskRoutine } from '#contract/tasks.ts';
import { useNames } from '#state/use.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import { useNow } from '#ui/now.ts';
import { RehearsalBadge } from '#ui/rehearsal-badge.tsx';
import { At } from '#ui/when.tsx';
import { count, money, span } from '#ui/words.ts';
import { AgentTree } from './agent-tree.tsx';
import { LimitBar } from './limit-bar.tsx';
import { RunCostsFact } from './run-costs.tsx';
import s from './run-facts.module.css';
import { took } from './run-rows.tsx';

export function RunFacts({ run }: { run: Run }) {
  const now = useNow(1000);
  const spent = took(run) ?? (run.startedAt ? Math.max(0, now - new Date(run.startedAt).getTime()) : 0);
  const { usage, limits, presumedMicros = 0 } = run;
  const still = standsStillFor(run);
  const ended = run.state === 'ended';
  return (
    <Facts>
      <Fact name="Model">
        {run.rehearsal ? <RehearsalBadge /> : (run.model ?? (ended ? 'None was asked' : 'Not chosen yet'))}
      </Fact>
      <LimitBar
        name="Cost"
        words={money(run.costMicros)}
        used={run.costMicros / 1_000_000}
        limit={limits?.dollars}
        of={(limit) => `$${limit}`}
      />
      <RunCostsFact run={run} />
      {presumedMicros > 0 && (
        <Fact name="Presumed">{money(presumedMicros)} of the cost: calls of which nobody knows what they came to</Fact>
      )}
      <LimitBar name="Turns" words={count(run.turns)} used={run.turns} limit={limits?.turns} of={count} />
      {still ? (
        <Fact name="Time">Stands still; {still} does not count</Fact>
      ) : (
        <LimitBar
          name="Time"
          words={spent < 1000 ? '0 s' : span(Math.floor(spent / 1000) * 1000)}
          used={spent / 60_000}
          limit={limits?.minutes}
          of={(limit) => `${limit} min`}
        />
      )}
      <Fact name="Tokens">
        {count(usage.input + usage.cacheRead + usage.cacheWrite)} in, {count(usage.output)} out
        {usage.cacheRead > 0 && <span className={s.quiet}> ({cacheShare(usage)} % from the cache)</span>}
      </Fact>
      <Subagents run={run} />
      <Fact name="Why it started">
        {run.trigger.kind === 'schedule' ? (
          <>
            {isTrial(run) ? 'A trial run that you asked for, due' : 'Scheduled for'}{' '}
            <At at={run.trigger.dueAt} within />
          </>
        ) : (
          'By hand'
        )}
        {run.resumes > 0 && (
          <span className={s.quiet}>, taken up again {run.resumes === 1 ? 'once' : `${run.resumes} times`}</span>
        )}
      </Fact>
      <Fact name="Routine">
        <OfRoutine routine={run.routine} />
      </Fact>
      <OtherRuns run={run} />
      {run.branch && (
        <Fact name="Branch">
          <code>{run.branch}</code>
          <span className={s.quiet}>
            {' '}
            from {run.baseBranch} {run.base?.slice(0, 8)}
          </span>
        </Fact>
      )}
      <Fact name="Held by the sandbox">
        {run.enforced.length === 0 ? (
          ended ? (
            'Nothing: it ended before any work'
          ) : (
            'Not ready yet'
          )
        ) : (
          <ul className={s.held}>
            {run.enforced.map((phrase) => (
              <li key={phrase}>
                <ShieldCheck size={14} aria-hidden /> {phrase}
              </li>
            ))}
          </ul>
        )}
      </Fact>
    </Facts>
  );
}

function Subagents({ run: { agents = [] } }: { run: Run }) {
  if (agents.length === 0) return null;
  return (
    <Fact name="Subagents">
      <AgentTree agents={agents} />
    </Fact>
  );
}

function standsStillFor({ parkedOn, held }: Run): string | null {
  if (parkedOn) return 'waiting for you';
  return held ? 'waiting for the account' : null;
}

/** The run that it goes on from, and those that go on from it. */
function OtherRuns({ run: { origin, forks = [] } }: { run: Run }) {
  return (
    <>
      {origin && (
        <Fact name="Goes on from">
          {origin.how === 'fork' ? (
            <Link href={`/runs/${origin.run}`} className={s.link}>
              {origin.run}
            </Link>
          ) : (
            <code>{origin.run}</code>
          )}
          <span className={s.quiet}>
            , turn {origin.turn}
            {origin.how === 'bundle' && ', elsewhere'}
          </span>
        </Fact>
      )}
      {forks.length > 0 && (
        <Fact name="Went on as">
          {forks.map((fork) => (
            <Link key={fork} href={`/runs/${fork}`} className={s.link}>
              {fork}
            </Link>
          ))}
        </Fact>
      )}
    </>
  );
}

function OfRoutine({ routine }: Pick<Run, 'routine'>) {
  const name = useNames();
  if (routine === taskRoutine) return 'None: a task of its own';
  return (
    <Link href={`/routines/${routine}`} className={s.link}>
      {name(routine)}
    </Link>
  );
}
