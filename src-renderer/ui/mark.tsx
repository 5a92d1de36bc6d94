/** A state as icon + word + hue; never hue alone. */
import {
  Ban,
  Check,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleX,
  Clock,
  FileText,
  GitMerge,
  GitPullRequestArrow,
  Hand,
  Hourglass,
  Layers,
  Loader,
  type LucideIcon,
  MinusCircle,
  Moon,
  PauseCircle,
  PenLine,
  Square,
  Target,
} from 'lucide-react';
import { type Standing, standingOf, standingWords } from '#contract/aims.ts';
import type { OccurrenceState } from '#contract/ledger.ts';
import type { ProposalState } from '#contract/proposals.ts';
import type { Routine } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { isReport } from '#state/report.ts';
import { cx } from './cx.ts';
import s from './mark.module.css';

export type Tone = 'working' | 'waiting' | 'idle' | 'completed' | 'failed';
export interface Look {
  icon: LucideIcon;
  word: string;
  tone: Tone;
}

const outcomes: Record<NonNullable<Run['outcome']>, Look> = {
  proposed: { icon: GitPullRequestArrow, word: 'Proposed a change', tone: 'completed' },
  nothing_to_propose: { icon: MinusCircle, word: 'Nothing to propose', tone: 'idle' },
  failed: { icon: CircleX, word: 'Failed', tone: 'failed' },
  stopped: { icon: Square, word: 'Stopped', tone: 'idle' },
};
/** What was found of the result comes before what the agent made of it. */
const standings: Record<Exclude<Standing, 'interrupted'>, Omit<Look, 'word'>> = {
  satisfied: { icon: CircleCheck, tone: 'completed' },
  goal_met: { icon: Target, tone: 'completed' },
  goal_not_met: { icon: Target, tone: 'waiting' },
  goal_impossible: { icon: Target, tone: 'failed' },
  not_judged: { icon: CircleHelp, tone: 'waiting' },
  needs_revision: { icon: PenLine, tone: 'waiting' },
  max_iterations_reached: { icon: PenLine, tone: 'waiting' },
  not_graded: { icon: CircleHelp, tone: 'waiting' },
};
const report: Look = { icon: FileText, word: 'Report', tone: 'completed' };
type Shown = Pick<Run, 'state' | 'outcome'> &
  Partial<Pick<Run, 'reason' | 'permissionMode' | 'parkedOn' | 'held' | 'goal' | 'grading'>>;
export function lookOfRun(run: Shown): Look {
  if (run.state === 'queued') return { icon: CircleDashed, word: 'Waiting to start', tone: 'idle' };
  if (run.parkedOn) return { icon: Hand, word: 'Waits for you', tone: 'waiting' };
  if (run.held) return { icon: Hourglass, word: 'Waits for its account', tone: 'idle' };
  if (run.state === 'running') return { icon: Loader, word: 'Working', tone: 'working' };
  const standing = standingOf({ goal: null, grading: null, ...run });
  if (standing && standing !== 'interrupted') return { ...standings[standing], word: standingWords[standing] };
  if (isReport({ reason: null, permissionMode: null, ...run })) return report;
  return run.outcome ? outcomes[run.outcome] : { icon: CircleHelp, word: 'Ended, outcome unknown', tone: 'failed' };
}

export const lookOfOccurrence: Record<OccurrenceState, Look> = {
  claimed: { icon: CircleDashed, word: 'Claimed', tone: 'working' },
  running: { icon: Loader, word: 'Running', tone: 'working' },
  ran: { icon: Check, word: 'Ran', tone: 'completed' },
  ran_late: { icon: Clock, word: 'Ran late', tone: 'waiting' },
  coalesced: { icon: Layers, word: 'Folded', tone: 'idle' },
  skipped: { icon: MinusCircle, word: 'Skipped', tone: 'idle' },
  blocked: { icon: Ban, word: 'Blocked', tone: 'failed' },
  lost: { icon: CircleHelp, word: 'Lost', tone: 'failed' },
};

export const lookOfProposal: Record<ProposalState, Look> = {
  open: { icon: GitPullRequestArrow, word: 'Waiting for you', tone: 'waiting' },
  revising: { icon: PenLine, word: 'Being revised', tone: 'working' },
  approved: { icon: GitMerge, word: 'Approved', tone: 'completed' },
  rejected: { icon: CircleX, word: 'Rejected', tone: 'idle' },
  pruned: { icon: CircleX, word: 'Rejected, branch deleted', tone: 'idle' },
};

export function lookOfRoutine(routine: Routine): Look {
  if (routine.problem) return { icon: CircleAlert, word: 'Broken', tone: 'failed' };
  if (routine.spec?.paused) return { icon: PauseCircle, word: 'Paused', tone: 'idle' };
  const unwoken = routine.registration.state === 'degraded' || routine.registration.state === 'unavailable';
  if (unwoken) return { icon: CircleAlert, word: 'Not woken', tone: 'waiting' };
  if (routine.next.length === 0) return { icon: CircleDashed, word: 'By hand', tone: 'idle' };
  return { icon: Moon, word: 'On shift', tone: 'completed' };
}

export function Mark({ look, pill = false, quiet = false }: { look: Look; pill?: boolean; quiet?: boolean }) {
  const Icon = look.icon;
  return (
    <span className={cx(s.mark, s[look.tone], pill && s.pill)}>
      <Icon size={14} aria-hidden className={cx(look.icon === Loader && s.turning)} />
      <span className={cx(quiet && 'sr-only')}>{look.word}</span>
    </span>
  );
}
