/** The claim strip: checks before and after, what was not done, what it cost. */
import { CircleDashed, CircleHelp } from 'lucide-react';
import type { Proposal } from '#contract/proposals.ts';
import { CheckStrip } from '#features/runs/check-strip.tsx';
import { Prose } from '#ui/prose.tsx';
import { count, money } from '#ui/words.ts';
import s from './claim-panel.module.css';
import { verdict } from './claims.ts';

export function Claims({ proposal }: { proposal: Proposal }) {
  const { words, tone } = verdict(proposal);
  const { usage } = proposal;
  return (
    <div className={s.panel}>
      <section aria-label="Proof" className={s.part}>
        <h2 className={s.verdict} data-tone={tone}>
          {words.charAt(0).toUpperCase() + words.slice(1)}
        </h2>
        <CheckStrip before={proposal.before} after={proposal.after} />
        {proposal.after && proposal.after.results.length > 0 && (
          <p className={s.quiet}>
            Run by Nightshift on a clean checkout of {proposal.after.commit.slice(0, 8)}, not taken from the transcript.
          </p>
        )}
      </section>
      <section aria-label="Not done" className={s.part}>
        <h2 className={s.heading}>Not done</h2>
        {proposal.notDone === null && (
          <p className={s.unsaid}>
            <CircleHelp size={15} aria-hidden /> It did not say what it left out.
          </p>
        )}
        {proposal.notDone?.length === 0 && <p className={s.quiet}>Nothing was left out, it says.</p>}
        {proposal.notDone && proposal.notDone.length > 0 && (
          <ul className={s.list}>
            {proposal.notDone.map((item) => (
              <li key={item}>
                <CircleDashed size={15} aria-hidden />
                <span>
                  <Prose text={item} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </section>
      <p className={s.cost}>
        <span>
          <strong>{money(proposal.costMicros)}</strong> · {count(usage.input + usage.cacheRead + usage.cacheWrite)}{' '}
          tokens in, {count(usage.output)} out
        </span>
        <span>
          <code>{proposal.branch}</code>, from {proposal.baseBranch} <code>{proposal.base.slice(0, 8)}</code>
        </span>
      </p>
    </div>
  );
}
