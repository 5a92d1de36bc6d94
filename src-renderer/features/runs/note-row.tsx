/** Turning points of a run, one line each. */
import {
  AlarmClock,
  Anchor,
  BellRing,
  BookOpenText,
  Box,
  CircleDollarSign,
  CircleX,
  FoldVertical,
  GitMerge,
  GitPullRequestArrow,
  Globe,
  Hourglass,
  ListChecks,
  type LucideIcon,
  MessageSquareReply,
  Play,
  RefreshCw,
  Repeat,
  RotateCcw,
  Square,
  Target,
  Undo2,
} from 'lucide-react';
import { Link } from 'wouter';
import { cacheMissWords } from '#contract/cache.ts';
import { hookOutcomeWords } from '#contract/hooks.ts';
import type { LoopEnd } from '#contract/loops.ts';
import type { Run } from '#contract/runs.ts';
import { visible } from '#contract/visible.ts';
import type { NoteOf } from '#state/transcript.ts';
import { Disclosure } from '#ui/disclosure.tsx';
import { lookOfRun, type Tone } from '#ui/mark.tsx';
import { Prose } from '#ui/prose.tsx';
import { clockSeconds, money, plural, sentence } from '#ui/words.ts';
import { endedInShort } from './ended-words.tsx';
import s from './note-row.module.css';
import { talkWords } from './talk-words.ts';

export interface Words {
  icon: LucideIcon;
  words: string;
  more?: string | undefined;
  tone?: Tone;
  proposal?: string;
  /** Of another run. */
  run?: string;
}

interface NoteProps {
  event: NoteOf;
  at: string;
  report: boolean;
  /** Of an end: how goal and rubric stood then. */
  aims?: Pick<Run, 'goal' | 'grading'> | undefined;
}

export function NoteRow({ event, at, report, aims }: NoteProps) {
  const { icon: Icon, words, more, tone, proposal, run } = wordsOf(event, report, aims);
  return (
    <div className={s.note} data-tone={tone}>
      <time dateTime={at}>{clockSeconds(at)}</time>
      <Icon size={15} aria-hidden />
      <div className={s.words}>
        <span className={s.what}>{words}</span>
        {more && more.length <= longest && (
          <span className={s.more}>
            <Prose text={more} />
          </span>
        )}
        {more && more.length > longest && (
          <div className={s.folded}>
            <Disclosure summary={`${plural(more.split('\n').length, 'line')} to read`}>
              <div className={s.more}>
                <Prose text={more} />
              </div>
            </Disclosure>
          </div>
        )}
        {proposal && (
          <Link href={`/proposals/${proposal}`} className={s.link}>
            Review it
          </Link>
        )}
        {run && (
          <Link href={`/runs/${run}`} className={s.link}>
            Open that run
          </Link>
        )}
      </div>
    </div>
  );
}

/** Characters that are shown at once; more is folded. */
const longest = 600;

const loopEndings: Record<LoopEnd, string> = {
  done: 'It has come once, as asked.',
  deleted: 'The agent deleted it.',
  stopped: 'The agent stopped it.',
  expired: 'Its seven days are over.',
  unpaced: 'The agent chose no further time.',
  session_ended: 'The session is over.',
  left_behind: 'The run went back to a turn before it.',
};

const goalVerdicts = {
  met: { words: 'met', tone: 'completed' },
  not_yet: { words: 'not met yet', tone: 'waiting' },
  impossible: { words: 'judged impossible', tone: 'failed' },
} as const;

function judgedWords({ verdict, reason, quote, round, unjudged }: Extract<NoteOf, { type: 'goal.judged' }>): Words {
  const { words, tone } = unjudged ? { words: 'not judged', tone: 'waiting' as const } : goalVerdicts[verdict];
  const more = [sentence(visible(reason)), quote && `“${visible(quote)}”`].filter(Boolean).join(' ');
  return { icon: Target, words: `Goal, round ${round}: ${words}`, more, tone };
}

function gradedWords(event: Extract<NoteOf, { type: 'outcome.graded' }>): Words {
  const { iteration, result, criteria, explanation } = event;
  const left = criteria.filter(({ verdict }) => verdict !== 'satisfied').map(({ text }) => text);
  const words = result === 'failed' ? 'could not be graded' : result.replaceAll('_', ' ');
  const more = visible(left.length > 0 ? left.join('\n') : explanation);
  return {
    icon: ListChecks,
    words: `Graded, iteration ${iteration}: ${words}`,
    more,
    tone: result === 'satisfied' ? 'completed' : 'waiting',
  };
}

function offeredWords({ web, strict, problems, refused }: Extract<NoteOf, { type: 'tools.offered' }>): Words {
  const ways = [web?.search && 'search', web?.fetch && 'fetch'].filter(Boolean).join(' and ');
  const looked = ways ? `It may ${ways} the web by way of the model’s address` : null;
  const bound = strict
    ? 'Inputs of tools are bound to their schemas'
    : 'Inputs of tools are checked after they have come';
  const more = [refused, ...problems].flatMap((part) => (part ? [sentence(visible(part))] : [])).join('\n');
  const words = looked ?? bound;
  return { icon: Globe, words, ...(more ? { more, tone: 'waiting' as const } : {}) };
}

const memoryEnds = {
  kept: { words: 'What it noted is kept' },
  waits: { words: 'What it noted waits for you, on the page of its routine', tone: 'waiting' },
  dropped: { words: 'What it noted is dropped' },
} as const;

const hookDecisions: Partial<Record<string, string>> = {
  ask: ', which wants you to be asked',
  deny: ', which says no',
  block: ', which says no',
  stop: ', which ends the session',
};

function hookWords(event: Extract<NoteOf, { type: 'hook.ran' }>): Words {
  const { moment, subject, command, outcome, exitCode, decision, reason, context, message } = event;
  const amiss = hookOutcomeWords(outcome, exitCode);
  const said = [amiss && sentence(amiss), reason, context, message].filter(Boolean).map((text) => visible(text ?? ''));
  return {
    icon: Anchor,
    words: `Hook at ${moment}${subject ? ` ${visible(subject)}` : ''}${hookDecisions[decision ?? ''] ?? ''}`,
    more: [`\`${visible(command)}\``, ...new Set(said)].join('\n\n'),
    ...(amiss || decision ? { tone: 'waiting' as const } : {}),
  };
}

const presumedBecause = {
  no_answer: 'The question was sent and its answer never began. Its prompt counts at the most that it can come to.',
  not_counted: 'The server did not say what the answer used. It counts at the most that it can come to.',
  host_died: 'The call was under way when its host died. It counts at the most that it can come to.',
};

function waitWords(waitMs = 0): string {
  return waitMs < 1000 ? '' : ` in ${Math.ceil(waitMs / 1000)} s`;
}

const resumed = {
  revision: 'Taken up again for your comments',
  restart: 'Taken up again after a restart',
  answered: 'Goes on after your answer',
  limit_lifted: 'Goes on: the limit of its account should have lifted',
  stopped: 'Taken up to be stopped',
  said: 'Goes on after your words',
};

function wordsOf(event: NoteOf, report: boolean, aims: NoteProps['aims']): Words {
  switch (event.type) {
    case 'run.queued':
      return { icon: Hourglass, words: event.trigger.kind === 'schedule' ? 'Came due' : 'Started by hand' };
    case 'run.started':
      return {
        icon: Play,
        words: 'Started',
        more: `on ${event.branch}, from ${event.baseBranch} ${event.base.slice(0, 8)}`,
      };
    case 'run.resumed':
      return {
        icon: RotateCcw,
        words: resumed[event.why],
        tone: 'waiting',
      };
    case 'sandbox.ready':
      return { icon: Box, words: 'Sandbox ready', more: `${plural(event.enforced.length, 'bound')}, told beside` };
    case 'instructions.loaded':
      return {
        icon: BookOpenText,
        words: 'Instructions for the files it touched',
        more: event.files.map(({ path }) => visible(path)).join(' · '),
      };
    case 'memory.offered': {
      const names = event.changes.map(({ file }) => visible(file)).join(' · ');
      return { icon: BookOpenText, words: 'Noted for the memory of the repository', more: names };
    }
    case 'memory.settled':
      return { icon: BookOpenText, ...memoryEnds[event.state] };
    case 'hook.ran':
      return hookWords(event);
    case 'skill.handed_over':
      return { icon: BookOpenText, words: `The prompt called /${visible(event.name)}`, more: event.text };
    case 'model.retrying':
      return {
        icon: RefreshCw,
        words: `Model call${event.purpose ? ` of the ${event.purpose}` : ''} failed${event.status === null ? '' : ` (${event.status})`}, attempt ${event.attempt}; trying again${waitWords(event.waitMs)}`,
        more: sentence(event.message),
        tone: 'waiting',
      };
    case 'answer.lost':
      return { icon: RefreshCw, words: 'The answer broke off; what it had cost is counted', tone: 'waiting' };
    case 'message.finished':
      return {
        icon: RefreshCw,
        words: `Nothing came from the cache: ${cacheMissWords(event.cacheMiss ?? '')}`,
        tone: 'waiting',
      };
    case 'model.switched':
      return {
        icon: RefreshCw,
        words: `${event.to} goes on instead of ${event.from}`,
        more: event.why,
        tone: 'waiting',
      };
    case 'thinking.dropped':
      return { icon: RefreshCw, words: 'Earlier thinking is left out from here on', more: event.why };
    case 'tools.offered':
      return offeredWords(event);
    case 'history.compacted':
      return {
        icon: FoldVertical,
        words: `The conversation ${event.why === 'full' ? 'had' : 'had nearly'} filled the context; a summary takes its place`,
        more: event.text,
      };
    case 'cost.presumed':
      return {
        icon: CircleDollarSign,
        words: `${money(event.costMicros)} presumed spent`,
        more: presumedBecause[event.why ?? 'host_died'],
        tone: 'waiting',
      };
    case 'alert.raised':
      return { icon: BellRing, words: 'Alert', more: visible(event.text), tone: 'waiting' };
    case 'loop.created':
      return { icon: Repeat, words: `Will come again: ${event.words}`, more: event.prompt };
    case 'loop.scheduled':
      return { icon: AlarmClock, words: `Wakes itself at ${clockSeconds(event.dueAt)}`, more: event.reason };
    case 'loop.fired':
      return {
        icon: AlarmClock,
        words: 'Came again',
        more: event.missed > 0 ? `It stands for ${event.missed} more that were missed.` : undefined,
      };
    case 'loop.ended':
      return { icon: Repeat, words: 'Comes no more', more: loopEndings[event.why] };
    case 'run.waiting':
      return { icon: Hourglass, words: `Rests until ${clockSeconds(event.until)}` };
    case 'run.held': {
      const more = `${sentence(event.reason)} Wait ${event.wait} of ${event.of}.`;
      const words = `Waits for a limit of its account until ${clockSeconds(event.until)}`;
      return { icon: Hourglass, words, more, tone: 'waiting' };
    }
    case 'goal.judged':
      return judgedWords(event);
    case 'outcome.graded':
      return gradedWords(event);
    case 'run.ended': {
      const permissionMode = report ? ('plan' as const) : null;
      const look = lookOfRun({ state: 'ended', outcome: event.outcome, reason: event.reason, permissionMode, ...aims });
      // What to do next stands above the transcript; a report stands there whole.
      const more = report ? undefined : endedInShort(event);
      return { icon: event.outcome === 'stopped' ? Square : look.icon, words: look.word, more, tone: look.tone };
    }
    case 'proposal.opened':
      return {
        icon: GitPullRequestArrow,
        words: 'Proposal',
        more: event.proposal.title,
        tone: 'completed',
        proposal: event.proposal.id,
      };
    case 'proposal.revised':
      return {
        icon: GitPullRequestArrow,
        words: `Proposal, revision ${event.proposal.revision}`,
        more: event.proposal.title,
        tone: 'completed',
        proposal: event.proposal.id,
      };
    case 'proposal.revision_requested':
      return { icon: MessageSquareReply, words: 'You asked for changes' };
    case 'proposal.reopened':
      return { icon: Undo2, words: 'The proposal is open again as it was', more: event.reason };
    case 'proposal.approved':
      return {
        icon: GitMerge,
        words: `Approved into ${event.into}`,
        more: event.landedAs.slice(0, 8),
        tone: 'completed',
      };
    case 'proposal.rejected':
      return { icon: CircleX, words: 'Rejected', more: event.reason ?? undefined };
    case 'proposal.pruned':
      return { icon: CircleX, words: 'Its branch was deleted' };
    default:
      return talkWords(event);
  }
}
