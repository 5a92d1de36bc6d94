/** (state, event) → state. The store's projections and every screen call these same functions. */
import { settleAgents, withAgent } from './agents-state.ts';
import { anew, atEnd, withAims, withVerdict } from './aims-state.ts';
import type { Alert } from './alerts.ts';
import type { Draft, Event } from './events.ts';
import type { Grant } from './grants.ts';
import type { Occurrence } from './ledger.ts';
import type { Proposal } from './proposals.ts';
import type { Question } from './questions.ts';
import { noUsage, type Run, type Usage } from './runs.ts';
import { reduceTalk } from './talk-state.ts';

const resumedFor = {
  revision: 'Working on your comments',
  restart: 'Picking up after a restart',
  answered: 'Going on after your answer',
  limit_lifted: 'Going on after the wait for its account',
  stopped: 'Keeping what it did, to end',
  said: 'Going on after your words',
};

/** Codes of results that say a call was not allowed, as against one that failed. */
const deniedCodes = /^(rule|mode|bash|path|net|mcp|auto|question|hook|skill)\./;

export function isDenial(code: string | null): boolean {
  return code !== null && deniedCodes.test(code);
}

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    ...some('cacheWriteHour', (a.cacheWriteHour ?? 0) + (b.cacheWriteHour ?? 0)),
    ...some('searches', (a.searches ?? 0) + (b.searches ?? 0)),
  };
}

/** Classes that most runs never use are left out at nothing. */
function some(name: 'cacheWriteHour' | 'searches', count: number): Partial<Usage> {
  return count > 0 ? { [name]: count } : {};
}

/** The run as it is after `event`; `undefined` in means it is not known yet. Events of other runs leave it as it is. */
export function reduceRun(run: Run | undefined, event: Event): Run | undefined {
  if (event.type === 'run.queued') return queued(event);
  if (!run || !('run' in event) || event.run !== run.id) return run;
  const { agent } = event;
  if (agent !== undefined) return withAgent(run, { ...event, agent }, { addUsage, describeCall, isDenial });
  return run.agents ? settleAgents(reduceOwn(run, event), event) : reduceOwn(run, event);
}

/** By what its own conversation, or the host, has to tell. */
function reduceOwn(run: Run, event: Event): Run {
  switch (event.type) {
    case 'run.dispatched':
      return { ...run, dispatchedAt: run.dispatchedAt ?? event.at };
    case 'web.used':
      return { ...run, toolCalls: run.toolCalls + 1, activity: describeCall(event.tool, event.input) };
    case 'run.first_byte':
      return { ...run, firstByteAt: run.firstByteAt ?? event.at };
    case 'run.started': {
      const { model, rehearsal, permissionMode, limits, repository, branch, baseBranch, base } = event;
      return {
        ...run,
        ...{ model, rehearsal, permissionMode, limits, repository, branch, baseBranch, base },
        state: 'running',
        startedAt: run.startedAt ?? event.at,
        activity: 'Preparing the worktree',
      };
    }
    case 'run.resumed':
      return {
        ...run,
        waitingUntil: null,
        parkedOn: null,
        held: undefined,
        talkableUntil: undefined,
        state: 'running',
        outcome: null,
        reason: null,
        endedAt: null,
        ...(event.why === 'revision' || event.why === 'said' ? anew(run) : {}),
        resumes: run.resumes + 1,
        activity: resumedFor[event.why],
      };
    case 'sandbox.ready':
      return {
        ...run,
        enforced: event.enforced,
        processSeenAt: run.processSeenAt ?? event.at,
        // The first question does not wait for it, and what became of that is the news.
        activity: run.turns > 0 ? run.activity : 'Sandbox ready',
      };
    case 'checks.finished':
      return { ...run, [event.phase]: event.round };
    case 'turn.started':
      return { ...run, turns: Math.max(run.turns, event.turn), activity: 'Waiting for the model' };
    case 'turn.waiting':
      return { ...run, activity: 'Waiting for its turn: the account allows no more requests just now' };
    case 'model.retrying':
      return { ...run, activity: `Model call failed (${event.status ?? 'no answer'}), trying again` };
    case 'message.finished':
      return {
        ...run,
        usage: addUsage(run.usage, event.usage),
        costMicros: run.costMicros + event.costMicros,
      };
    case 'cost.presumed':
      return {
        ...run,
        costMicros: run.costMicros + event.costMicros,
        presumedMicros: (run.presumedMicros ?? 0) + event.costMicros,
      };
    case 'model.switched':
      return { ...run, model: event.to, activity: `Refused; ${event.to} goes on` };
    case 'history.compacted':
    case 'side.answered':
    case 'answer.lost':
      return { ...run, usage: addUsage(run.usage, event.usage), costMicros: run.costMicros + event.costMicros };
    case 'tool.started':
      return { ...run, toolCalls: run.toolCalls + 1, activity: describeCall(event.name, event.input) };
    case 'tool.finished':
      return isDenial(event.code) ? { ...run, denials: run.denials + 1 } : run;
    case 'aims.set':
      return withAims(run, event);
    case 'goal.judged':
    case 'outcome.graded':
      return withVerdict(run, event);
    case 'run.parked':
      return { ...run, parkedOn: event.question, activity: 'Waiting for your answer' };
    case 'run.held': {
      const { until, reason, wait, of } = event;
      return { ...run, held: { until, reason, wait, of }, activity: 'Waiting for a limit of the account to lift' };
    }
    case 'run.ended':
      return {
        ...run,
        state: 'ended',
        outcome: event.outcome,
        reason: event.reason,
        endedAt: event.at,
        proposal: event.proposal ?? run.proposal,
        activity: event.reason?.message ?? '',
        grading: run.grading && atEnd(run.grading, event.outcome),
        loops: 0,
        waitingUntil: null,
        parkedOn: null,
        held: undefined,
        talkableUntil: event.talkableUntil,
      };
    case 'loop.created':
      return { ...run, loops: run.loops + 1 };
    case 'loop.ended':
      return { ...run, loops: Math.max(0, run.loops - 1) };
    case 'loop.fired':
      return { ...run, waitingUntil: null, activity: 'Woken by a loop' };
    case 'run.waiting':
      return { ...run, waitingUntil: event.until, activity: 'Waiting for the next firing of a loop' };
    case 'proposal.opened':
    case 'proposal.revised':
      return { ...run, proposal: event.proposal.id };
    default:
      return reduceTalk(run, event);
  }
}

/** The proposal as it is after `event`; events about others leave it as it is. */
export function reduceProposal(proposal: Proposal | undefined, event: Event): Proposal | undefined {
  if (event.type === 'proposal.opened') return event.proposal;
  if (event.type === 'proposal.revised') return event.proposal.id === proposal?.id ? event.proposal : proposal;
  if (!proposal || !('proposal' in event) || event.proposal !== proposal.id) return proposal;
  switch (event.type) {
    case 'proposal.revision_requested':
      return { ...proposal, state: 'revising', comments: [...proposal.comments, ...event.comments] };
    case 'proposal.reopened':
      return { ...proposal, state: 'open' };
    case 'proposal.approved': {
      const { into, landedAs, landedHow } = event;
      return { ...proposal, state: 'approved', decidedAt: event.at, into, landedAs, landedHow };
    }
    case 'proposal.rejected':
      return { ...proposal, state: 'rejected', decidedAt: event.at, pruneAt: event.pruneAt };
    case 'proposal.pruned':
      return { ...proposal, state: 'pruned' };
    default:
      return proposal;
  }
}

/** The question as it is after `event`; events about others leave it as it is. */
export function reduceQuestion(question: Question | undefined, event: Event): Question | undefined {
  if (event.type === 'question.asked') return question ?? event.question;
  if (!question || !('question' in event) || event.question !== question.id) return question;
  if (event.type === 'question.used') return { ...question, usedAt: event.at };
  if (event.type !== 'question.answered' || question.state !== 'open') return question;
  const { state, by, note, grant } = event;
  return { ...question, state, answeredAt: event.at, answeredBy: by, note, ...(grant ? { grant } : {}) };
}

/** The grant as it is after `event`; events about others leave it as it is. What has ended stays ended. */
export function reduceGrant(grant: Grant | undefined, event: Event): Grant | undefined {
  if (event.type === 'grant.given') return grant ?? event.grant;
  if (grant?.state !== 'active') return grant;
  if (event.type === 'grant.revoked' && event.grant === grant.id)
    return { ...grant, state: 'revoked', endedAt: event.at, ended: `Revoked in the ${event.by}.` };
  if (event.type !== 'grant.lapsed' || event.grant !== grant.id) return grant;
  const ended = event.contentHash ? 'The content of the routine has changed.' : 'The routine is gone.';
  return { ...grant, state: 'lapsed', endedAt: event.at, ended };
}

/** The alert as it is after `event`; events about others leave it as it is. */
export function reduceAlert(alert: Alert | undefined, event: Event): Alert | undefined {
  if (event.type === 'alert.raised') {
    const { seq, at, about, routine, text } = event;
    return alert ?? { seq, at, about, routine, text, dismissedAt: null };
  }
  if (event.type !== 'alert.dismissed' || alert?.dismissedAt !== null) return alert;
  return event.alerts.includes(alert.seq) ? { ...alert, dismissedAt: event.at } : alert;
}

/** The run an event tells something about; null for events of the host or a routine. */
export function runOf(event: Draft): string | null {
  if (event.type === 'alert.raised') return event.about;
  return 'run' in event ? event.run : null;
}

/** The ledger row as it is after `event`. */
export function reduceOccurrence(row: Occurrence | undefined, event: Event): Occurrence | undefined {
  if (event.type === 'occurrence.claimed') return event.occurrence;
  if (event.type === 'occurrence.settled' && row?.routine === event.routine && row.dueAt === event.dueAt)
    return {
      ...row,
      state: event.state,
      reason: event.reason,
      cause: event.cause === undefined ? row.cause : event.cause,
    };
  return row;
}

/** One line for a tool call: its name and what it is aimed at. */
export function describeCall(name: string, input: unknown): string {
  const fields = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  const target = [
    fields.command,
    fields.file_path,
    fields.pattern,
    fields.title,
    fields.skill,
    fields.query,
    fields.url,
    fields.description,
    fields.agent,
  ].find((it) => typeof it === 'string');
  const line = target?.split('\n', 1)[0] ?? '';
  return line ? `${name} ${line.length > 120 ? `${line.slice(0, 119)}…` : line}` : name;
}

function queued(event: Extract<Event, { type: 'run.queued' }>): Run {
  return {
    id: event.run,
    routine: event.routine,
    ...(event.name === undefined ? {} : { name: event.name }),
    trigger: event.trigger,
    state: 'queued',
    outcome: null,
    reason: null,
    model: null,
    rehearsal: false,
    permissionMode: null,
    limits: null,
    repository: null,
    branch: null,
    baseBranch: null,
    base: null,
    queuedAt: event.at,
    dispatchedAt: null,
    startedAt: null,
    processSeenAt: null,
    firstByteAt: null,
    endedAt: null,
    resumes: 0,
    turns: 0,
    toolCalls: 0,
    usage: noUsage,
    costMicros: 0,
    enforced: [],
    activity: 'Waiting to start',
    before: null,
    after: null,
    proposal: null,
    loops: 0,
    waitingUntil: null,
    parkedOn: null,
    denials: 0,
    goal: null,
    grading: null,
    ...(event.origin ? { origin: event.origin } : {}),
  };
}
