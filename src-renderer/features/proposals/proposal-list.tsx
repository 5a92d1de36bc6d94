/** What waits to be decided, then what was decided. */
import { standingOf, standingWords } from '#contract/aims.ts';
import type { Proposal } from '#contract/proposals.ts';
import type { Run } from '#contract/runs.ts';
import { proposalsNewestFirst } from '#state/select.ts';
import { useNames, useSelect } from '#state/use.ts';
import { lookOfProposal, Mark } from '#ui/mark.tsx';
import { Page, Section } from '#ui/page.tsx';
import { RehearsalBadge } from '#ui/rehearsal-badge.tsx';
import { useRowKeys } from '#ui/row-keys.ts';
import { Row, Rows } from '#ui/rows.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { Ago } from '#ui/when.tsx';
import { capital, money, spelled } from '#ui/words.ts';
import { describeChange, verdict } from './claims.ts';
import s from './proposal-list.module.css';

export function ProposalList() {
  useRowKeys();
  const ready = useSelect((state) => state.seq !== null);
  const proposals = useSelect(proposalsNewestFirst);
  const waiting = proposals.filter(({ state }) => state === 'open' || state === 'revising');
  const decided = proposals.filter(({ state }) => state !== 'open' && state !== 'revising');
  const open = waiting.filter(({ state }) => state === 'open').length;
  return (
    <Page
      name="Proposals"
      sentence={ready ? sentenceOf(open) : 'Reading the proposals…'}
      more={
        ready &&
        proposals.length === 0 &&
        'Runs that change files end here, with their checks and their cost, and never in your branch.'
      }
    >
      {!ready && <Skeleton rows={4} />}
      {waiting.length > 0 && (
        <Section title="To decide" flush>
          <ProposalRows proposals={waiting} label="To decide" />
        </Section>
      )}
      {decided.length > 0 && (
        <Section title="Decided" flush>
          <ProposalRows proposals={decided} label="Decided" />
        </Section>
      )}
    </Page>
  );
}

function ProposalRows({ proposals, label }: { proposals: readonly Proposal[]; label: string }) {
  const name = useNames();
  const runs = useSelect((state) => state.runs);
  return (
    <Rows label={label}>
      {proposals.map((proposal) => {
        const { words, tone } = verdict(proposal);
        const unmet = unmetWord(runs[proposal.run]);
        return (
          <Row
            key={proposal.id}
            mark={<Mark look={lookOfProposal[proposal.state]} />}
            title={proposal.title}
            href={`/proposals/${proposal.id}`}
            about={
              <>
                {name(proposal.routine)} · {describeChange(proposal)} ·{' '}
                <span className={s.verdict} data-tone={tone}>
                  {words}
                </span>
                {unmet && (
                  <>
                    {' · '}
                    <span className={s.verdict} data-tone="waiting">
                      {unmet}
                    </span>
                  </>
                )}
              </>
            }
            facts={
              <>
                {proposal.rehearsal && <RehearsalBadge brief />}
                <span>{money(proposal.costMicros)}</span>
                <Ago at={proposal.decidedAt ?? proposal.openedAt} />
              </>
            }
          />
        );
      })}
    </Rows>
  );
}

/** What was found of its goal and its rubric, where that does not hold. */
function unmetWord(run: Run | undefined): string | null {
  const standing = run ? standingOf(run) : null;
  const holds = standing === null || ['satisfied', 'goal_met', 'interrupted'].includes(standing);
  return holds ? null : standingWords[standing].toLowerCase();
}

function sentenceOf(open: number): string {
  if (open === 0) return 'No proposal waits for you.';
  return open === 1 ? 'One proposal waits for you.' : `${capital(spelled(open))} proposals wait for you.`;
}
