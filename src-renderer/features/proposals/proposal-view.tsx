/** One proposal: what it claims, the proof, the change line by line, and the decision. */
import { Check, MessageSquareReply, X } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Proposal } from '#contract/proposals.ts';
import { AimPanel } from '#features/runs/aim-panel.tsx';
import { useAnswer, useNames, useSelect } from '#state/use.ts';
import { HostButton } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { useKeys } from '#ui/keys.tsx';
import { lookOfProposal, Mark } from '#ui/mark.tsx';
import { Markdown } from '#ui/markdown.tsx';
import { Page } from '#ui/page.tsx';
import { RehearsalBadge } from '#ui/rehearsal-badge.tsx';
import { Skeleton } from '#ui/skeleton.tsx';
import { Ago } from '#ui/when.tsx';
import { money, plural } from '#ui/words.ts';
import { ClaimList } from './claim-list.tsx';
import { Claims } from './claim-panel.tsx';
import { describeChange } from './claims.ts';
import { useComments } from './comments.ts';
import { Decide, type Question } from './decide.tsx';
import { Decided } from './decided.tsx';
import { DiffPane } from './diff-pane.tsx';
import s from './proposal-view.module.css';
import { ReviewBar } from './review-bar.tsx';

export function ProposalView({ id }: { id: string }) {
  const known = useSelect((state) => state.proposals[id]);
  const ready = useSelect((state) => state.seq !== null);
  // Older than the newest hundred: asked for by itself.
  const asked = useAnswer(`proposal ${id}`, (client) => client.proposals.get({ proposal: id }));
  const proposal = known ?? (asked.is === 'here' ? asked.value : undefined);
  if (proposal) return <Loaded proposal={proposal} />;
  return (
    <Page
      name="Proposal"
      sentence={asked.is === 'failed' && ready ? 'There is no such proposal.' : 'Reading the proposal…'}
    >
      {asked.is === 'failed' ? <FaultNote fault={{ field: 'proposal', ...asked.fault }} /> : <Skeleton rows={6} />}
    </Page>
  );
}

function Loaded({ proposal }: { proposal: Proposal }) {
  const name = useNames();
  const comments = useComments(proposal.id);
  const [question, setQuestion] = useState<Question | null>(null);
  const diff = useAnswer(`diff ${proposal.id} ${proposal.head}`, (client) =>
    client.proposals.diff({ proposal: proposal.id }),
  );
  const run = useSelect((state) => state.runs[proposal.run]);
  const open = proposal.state === 'open';
  useKeys(
    open
      ? {
          'Shift+C': { what: 'Ask for changes', do: () => comments.compose({}) },
          a: { what: 'Approve', do: () => setQuestion('approve') },
          x: { what: 'Reject', do: () => setQuestion('reject') },
        }
      : {},
  );
  return (
    <Page
      wide
      name={proposal.title}
      above={
        <>
          <Link href="/proposals">Proposals</Link> ·{' '}
          <Link href={`/runs/${proposal.run}`}>{name(proposal.routine)}</Link>
          {proposal.revision > 1 && ` · revision ${proposal.revision}`}
        </>
      }
      sentence={proposal.title}
      facts={
        <>
          <Mark look={lookOfProposal[proposal.state]} pill />
          {proposal.rehearsal ? <RehearsalBadge /> : <span>{proposal.model}</span>}
          <span>{describeChange(proposal)}</span>
          <span>{plural(proposal.commits.length, 'commit')}</span>
          <span>{money(proposal.costMicros)}</span>
          <Ago at={proposal.openedAt} />
        </>
      }
      actions={
        open && (
          <>
            <HostButton icon={MessageSquareReply} hotkey="Shift+C" onClick={() => comments.compose({})}>
              Ask for changes
            </HostButton>
            <HostButton look="danger" icon={X} hotkey="x" onClick={() => setQuestion('reject')}>
              Reject
            </HostButton>
            <HostButton look="primary" icon={Check} hotkey="a" onClick={() => setQuestion('approve')}>
              Approve
            </HostButton>
          </>
        )
      }
    >
      <Decided proposal={proposal} />
      <div className={s.claims}>
        <div className={s.words}>
          {proposal.rootCause && (
            <section aria-label="Root cause" className={s.cause}>
              <h2>Root cause</h2>
              <Markdown text={proposal.rootCause} />
            </section>
          )}
          <section aria-label="What was done">
            <h2 className={s.heading}>What was done</h2>
            <Markdown text={proposal.explanation} />
          </section>
          <ClaimList proposal={proposal} />
        </div>
        <Claims proposal={proposal} />
      </div>
      {run && <AimPanel run={run} />}
      {diff.is === 'failed' && <FaultNote fault={diff.fault} title="The change cannot be shown" />}
      {diff.is === 'loading' && <Skeleton rows={8} height={24} />}
      {diff.is === 'here' && <DiffPane proposal={proposal} patch={diff.value.patch} comments={comments} />}
      {open && <ReviewBar proposal={proposal} comments={comments} />}
      <Decide
        proposal={proposal}
        question={question}
        unsent={comments.drafts.length}
        onClose={() => setQuestion(null)}
      />
    </Page>
  );
}
