/** A run: one attempt to do a routine. */
import { z } from 'zod';
import { AgentId, AgentOutcome } from './agents.ts';
import { GoalState, Grading } from './aims.ts';
import { FaultCode } from './faults.ts';
import { Instant } from './instants.ts';
import { RunId } from './ledger.ts';
import { Limits, PermissionMode, RoutineId } from './routines.ts';
import { Origin } from './session-events.ts';
import { SessionState } from './session-state.ts';
import { Held } from './weather.ts';

/** Of the asker's own choice, another one for each run that it wants. */
export const RunKey = z.string().min(1).max(100);

export const Trigger = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('schedule'),
    dueAt: Instant,
    /** Due instants before this one that were missed and for which it stands. Absent: none. */
    missed: z.int().min(1).optional(),
    /** A trial run that a person asked for: what would leave the machine is recorded, not done. Absent: an ordinary run. */
    trial: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal('person'),
    /** By which whoever asked knows it again; asked twice with one key, it is one run. Absent: it was asked for without. */
    key: RunKey.optional(),
  }),
]);
export type Trigger = z.infer<typeof Trigger>;

export function isTrial({ trigger }: { trigger: Trigger }): boolean {
  return trigger.kind === 'schedule' && trigger.trial === true;
}

/** All four usage classes of one or many model responses, in tokens. */
export const Usage = z.object({
  input: z.int().min(0),
  output: z.int().min(0),
  cacheRead: z.int().min(0),
  cacheWrite: z.int().min(0),
  /** How much of `cacheWrite` is kept for an hour, which costs more. Absent: nothing. */
  cacheWriteHour: z.int().min(0).optional(),
  /** Searches of the web by the model's own address; billed each. Absent: none. */
  searches: z.int().min(0).optional(),
});
export type Usage = z.infer<typeof Usage>;
/** One model's part in an answer that took several: a summary first, an advisor, another model after a refusal. */
export const Pass = z.object({ model: z.string(), usage: Usage, costMicros: z.int().min(0) });
export type Pass = z.infer<typeof Pass>;
export const noUsage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** A run is over only with an outcome; there is no bare "done". */
export const Outcome = z.enum(['proposed', 'nothing_to_propose', 'failed', 'stopped']);
export type Outcome = z.infer<typeof Outcome>;

export const Reason = z.object({
  code: FaultCode.or(z.literal('nothing_changed')),
  message: z.string(),
  cure: z.string().optional(),
});
export type Reason = z.infer<typeof Reason>;

/** One check command, run in a fresh sandbox on a clean checkout of the commit it names. */
export const CheckResult = z.object({
  command: z.string(),
  /** Null when it did not end by itself: killed by a signal or the time limit. */
  exitCode: z.int().nullable(),
  passed: z.boolean(),
  /** Merged stdout and stderr, at most 30,000 characters; the middle is cut first. */
  output: z.string(),
  milliseconds: z.int().min(0),
});
export type CheckResult = z.infer<typeof CheckResult>;

export const CheckRound = z.object({ commit: z.string(), results: z.array(CheckResult) });
export type CheckRound = z.infer<typeof CheckRound>;

/** One subagent of a run as it stands. */
export const AgentThread = z.object({
  id: AgentId,
  /** Who started it; null: the agent of the run itself. */
  parent: AgentId.nullable(),
  /** The call of the parent that it was started by. */
  call: z.string(),
  /** Its kind. */
  name: z.string(),
  description: z.string(),
  model: z.string(),
  background: z.boolean(),
  /** `waiting`: for a person's answer. Otherwise as its last go ended. */
  state: z.enum(['working', 'waiting', ...AgentOutcome.options]),
  /** The question that it waits for. */
  question: z.string().nullable(),
  /** One line of what is going on or what came out. */
  activity: z.string(),
  turns: z.int().min(0),
  toolCalls: z.int().min(0),
  usage: Usage,
  /** Millionths of a US dollar; without its own subagents. */
  costMicros: z.int().min(0),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  /** Its own branch, where it works in a worktree of its own; null: in that of the run. */
  branch: z.string().nullable(),
});
export type AgentThread = z.infer<typeof AgentThread>;

export const Run = z.object({
  id: RunId,
  routine: RoutineId,
  trigger: Trigger,
  state: z.enum(['queued', 'running', 'ended']),
  outcome: Outcome.nullable(),
  reason: Reason.nullable(),
  /** Model id that answers; `rehearsal` for recorded answers. Null until it started. */
  model: z.string().nullable(),
  /** True: every model answer was a recording, no AI was asked. */
  rehearsal: z.boolean(),
  permissionMode: PermissionMode.nullable(),
  limits: Limits.nullable(),
  repository: z.string().nullable(),
  branch: z.string().nullable(),
  baseBranch: z.string().nullable(),
  base: z.string().nullable(),
  queuedAt: Instant,
  /** A slot was given to it. From here on it is expected to begin. */
  dispatchedAt: Instant.nullable().default(null),
  startedAt: Instant.nullable(),
  /** Its sandboxed process answered. */
  processSeenAt: Instant.nullable().default(null),
  /** The first part of a model's answer arrived. */
  firstByteAt: Instant.nullable().default(null),
  endedAt: Instant.nullable(),
  /** Times the run was taken up again: after a crash, or for a revision. */
  resumes: z.int().min(0),
  turns: z.int().min(0),
  toolCalls: z.int().min(0),
  usage: Usage,
  /** Millionths of a US dollar, so that sums stay exact. */
  costMicros: z.int().min(0),
  /** How much of it is presumed: calls of which nobody knows what they came to, each at its most. Absent: nothing. */
  presumedMicros: z.int().min(0).optional(),
  /** What the sandbox enforced, one phrase each; empty until the hands were ready. */
  enforced: z.array(z.string()),
  /** One line of what is going on or what came out. */
  activity: z.string(),
  before: CheckRound.nullable(),
  after: CheckRound.nullable(),
  proposal: z.string().nullable(),
  /** Loops of its session that will fire again or are being worked on. */
  loops: z.int().min(0).default(0),
  /** It rests until a loop fires then; null while it works. */
  waitingUntil: Instant.nullable().default(null),
  /** The question that it is parked on: it does nothing until that is answered. Null: it is not parked. */
  parkedOn: z.string().nullable().default(null),
  /** It stands still until a limit of its account lifts. Absent: it does not. */
  held: Held.optional(),
  /** Tool calls that were denied, by rules, by a person or by a deadline. */
  denials: z.int().min(0).default(0),
  /** Null: it has no goal. */
  goal: GoalState.nullable().default(null),
  /** Null: it has no rubric. */
  grading: Grading.nullable().default(null),
  /** Of a task. Absent: it is that of its routine. */
  name: z.string().optional(),
  /** It goes on from another run. Absent: it does not. */
  origin: Origin.optional(),
  /** Runs that go on from this one, oldest first. Absent: none. */
  forks: z.array(RunId).optional(),
  /** It has ended its turn, and until then goes on when somebody says something to it. */
  talkableUntil: Instant.optional(),
  /** Since then it goes on elsewhere, and never here again. */
  handedOver: Instant.optional(),
  /** What a person said that the agent has not been told yet. Absent: nothing. */
  unheard: z.int().min(0).optional(),
  /** Its session's state when somebody asked for it. Absent in what is told of events. */
  session: SessionState.optional(),
  /** Its subagents, oldest first. Absent: it has had none. */
  agents: z.array(AgentThread).optional(),
});
export type Run = z.infer<typeof Run>;
