/** What became of it: where it landed, or what happens to its branch. */
import { CircleX, GitMerge, PenLine } from 'lucide-react';
import { Link } from 'wouter';
import type { Proposal } from '#contract/proposals.ts';
import { At } from '#ui/when.tsx';
import s from './decided.module.css';

const how = {
  fast_forward: 'by fast-forward',
  merge_commit: 'with a merge commit',
  cherry_picked: 'as one new commit with this change alone, since the branch does not hold its starting point',
  already_contained: 'which already held it',
};

export function Decided({ proposal }: { proposal: Proposal }) {
  if (proposal.state === 'open') return null;
  if (proposal.state === 'approved')
    return (
      <p className={s.note} data-tone="completed" role="status">
        <GitMerge size={16} aria-hidden />
        <span>
          Landed on <code>{proposal.into}</code> as <code>{proposal.landedAs?.slice(0, 8)}</code>
          {proposal.landedHow && `, ${how[proposal.landedHow]}`}
          {proposal.decidedAt && (
            <>
              , <At at={proposal.decidedAt} within />
            </>
          )}
          . Your checkout follows only if it was on that branch and clean.
        </span>
      </p>
    );
  if (proposal.state === 'revising')
    return (
      <p className={s.note} data-tone="working" role="status">
        <PenLine size={16} aria-hidden />
        <span>
          Your comments went back to the session. A new revision follows here;{' '}
          <Link href={`/runs/${proposal.run}`}>watch it work</Link>.
        </span>
      </p>
    );
  return (
    <p className={s.note} data-tone="idle" role="status">
      <CircleX size={16} aria-hidden />
      <span>
        {proposal.state === 'pruned'
          ? 'Rejected; its branch was deleted.'
          : 'Rejected. Nothing of it is in your branches.'}
        {proposal.state === 'rejected' && proposal.pruneAt && (
          <>
            {' '}
            <code>{proposal.branch}</code> is kept until <At at={proposal.pruneAt} within />.
          </>
        )}
      </span>
    </p>
  );
}
