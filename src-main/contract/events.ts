/**
 * Everything that can happen, in the past tense. Additive only: a shipped event keeps its shape for ever, because old
 * logs are replayed by new code.
 */
import { z } from 'zod';
import { agentEvents } from './agent-events.ts';
import { AgentId } from './agents.ts';
import { aimEvents } from './aim-events.ts';
import { ContentHash, Grant, GrantId } from './grants.ts';
import { HandsImage } from './hands.ts';
import { hookEvents } from './hook-events.ts';
import { Instant } from './instants.ts';
import { AgentFile, InstructionFile, InstructionLayer, InstructionProblem, SkillFile } from './instructions.ts';
import { Cause, Occurrence, OccurrenceState, RunId } from './ledger.ts';
import { loopEvents } from './loop-events.ts';
import { memoryEvents } from './memory-events.ts';
import { Comment, Proposal, ProposalId } from './proposals.ts';
import { Door, Question, QuestionId } from './questions.ts';
import { Limits, PermissionMode, RoutineId } from './routines.ts';
import { CheckRound, Outcome, Pass, Reason, Trigger, Usage } from './runs.ts';
import { Origin, sessionEvents } from './session-events.ts';
import { Held } from './weather.ts';
import { ToolsOffered, WebUsed } from './web.ts';

/** Content of a model message, kept as the API sent it so that the history can be replayed byte for byte. */
export const ContentBlock = z.looseObject({ type: z.string() });
export type ContentBlock = z.infer<typeof ContentBlock>;

/** How a tool call looks to a person, beside the text that the model gets. */
export const ToolView = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('terminal'),
    exitCode: z.int().nullable(),
    milliseconds: z.int().min(0),
    output: z.string(),
  }),
  z.object({ kind: z.literal('diff'), path: z.string(), patch: z.string() }),
  z.object({ kind: z.literal('text'), text: z.string() }),
]);
export type ToolView = z.infer<typeof ToolView>;

const bodies = {
  'host.started': z.object({ pid: z.int(), version: z.string() }),
  'host.stopped': z.object({ pid: z.int(), why: z.string() }),
  'routine.changed': z.object({
    routine: RoutineId,
    what: z.enum(['added', 'edited', 'removed', 'paused', 'resumed']),
  }),
  'occurrence.claimed': z.object({ routine: RoutineId, occurrence: Occurrence }),
  'occurrence.settled': z.object({
    routine: RoutineId,
    dueAt: Instant,
    state: OccurrenceState,
    reason: z.string().nullable(),
    /** Absent in events of the first version, and when the cause stays what it was. */
    cause: Cause.nullable().optional(),
  }),
  /** `paused` false: lifted. `until` null: until it is lifted. */
  'routines.paused_all': z.object({ paused: z.boolean(), until: Instant.nullable() }),
  /** Something a person should look at, that is no run's own outcome. */
  'alert.raised': z.object({ about: RunId.nullable(), routine: RoutineId.nullable(), text: z.string() }),
  /** A person has seen them and put them away. `alerts`: sequence numbers of what raised them. */
  'alert.dismissed': z.object({ alerts: z.array(z.int().min(1)).min(1), by: Door }),
  /** `origin`: it goes on from another run. */
  /** `name`: of a task, which belongs to no routine that would have one. */
  'run.queued': z.object({
    ...{ run: RunId, routine: RoutineId, trigger: Trigger },
    ...{ origin: Origin.optional(), name: z.string().optional() },
  }),
  /** A slot was given to the run; `attempt` counts from 1 for every time a host took it up. */
  'run.dispatched': z.object({ run: RunId, attempt: z.int().min(1) }),
  'run.first_byte': z.object({ run: RunId }),
  'run.started': z.object({
    run: RunId,
    model: z.string(),
    rehearsal: z.boolean(),
    permissionMode: PermissionMode,
    limits: Limits,
    repository: z.string(),
    branch: z.string(),
    baseBranch: z.string(),
    base: z.string(),
    /** Hosts that the agent is told of, for good: what comes later it hears in the conversation. Absent in earlier events. */
    network: z.array(z.string()).optional(),
  }),
  /** `limit_lifted`: the wait for its account is over. `stopped`: taken up only to keep what it did, and to end. `said`: a person talked to it. */
  'run.resumed': z.object({
    run: RunId,
    why: z.enum(['restart', 'revision', 'answered', 'limit_lifted', 'stopped', 'said']),
  }),
  'sandbox.ready': z.object({ run: RunId, enforced: z.array(z.string()) }),
  'checks.finished': z.object({ run: RunId, phase: z.enum(['before', 'after']), round: CheckRound }),
  'message.added': z.object({
    run: RunId,
    text: z.string(),
    /** `agent`: to a subagent, from whoever started it. */
    from: z.enum(['routine', 'person', 'nightshift', 'agent']),
    /** Sequence number of the `person.said` that it passes on. */
    said: z.int().min(1).optional(),
    /** The subagents whose results it brings. */
    results: z.array(AgentId).optional(),
  }),
  'turn.started': z.object({ run: RunId, turn: z.int().min(1) }),
  /** Its account allows no more requests just now; until the turn starts no time of the run's limit passes. */
  'turn.waiting': z.object({ run: RunId, turn: z.int().min(1) }),
  'model.retrying': z.object({
    run: RunId,
    turn: z.int().min(1),
    attempt: z.int().min(1),
    /** HTTP status, or null when there was no answer at all. */
    status: z.int().nullable(),
    message: z.string(),
    /** Milliseconds until it is asked again. Absent in events of earlier versions. */
    waitMs: z.int().min(0).optional(),
    /** Of a call beside the conversation: what for. Absent: it is the conversation's own. */
    purpose: z.string().optional(),
  }),
  'message.finished': z.object({
    run: RunId,
    turn: z.int().min(1),
    content: z.array(ContentBlock),
    stopReason: z.string(),
    usage: Usage,
    costMicros: z.int().min(0),
    /** As the API calls the answer. Absent: it does not say, or the event is older than this field. */
    id: z.string().optional(),
    /** Tokens that it could have. Absent: the event is older than this field. */
    longest: z.int().min(1).optional(),
    /** Of an answer that took several passes; their sum is `usage` and `costMicros`. Absent: one, of the run's model. */
    passes: z.array(Pass).optional(),
    /** Why nothing was read from the prompt cache although something was there to read; see `cacheMissWords`. */
    cacheMiss: z.string().optional(),
  }),
  /** An answer broke off after it had begun; what was paid for it all the same, output reckoned at its most. */
  'answer.lost': z.object({ run: RunId, turn: z.int().min(1), usage: Usage, costMicros: z.int().min(0) }),
  /** From here on another model answers, because the one before refused; what that had said of its answer is left out. */
  'model.switched': z.object({ run: RunId, from: z.string(), to: z.string(), why: z.string() }),
  'tools.offered': ToolsOffered,
  'web.used': WebUsed,
  /** The API did not accept earlier thinking any more, so it is no part of the conversation from here on. */
  'thinking.dropped': z.object({ run: RunId, blocks: z.int().min(1), why: z.string() }),
  /** A summary has taken the place of the whole conversation so far. */
  'history.compacted': z.object({
    run: RunId,
    why: z.enum(['nearly_full', 'full']),
    /** What the model is told in its place: the task, what a person said, what is open, and the summary. */
    text: z.string(),
    /** Tokens of the last prompt before; 0 when that is not known. */
    before: z.int().min(0),
    usage: Usage,
    costMicros: z.int().min(0),
    /** As of an answer. */
    passes: z.array(Pass).optional(),
  }),
  /** A call beside the conversation, of a classifier for example, paid from the same purse. */
  'side.answered': z.object({
    run: RunId,
    purpose: z.string(),
    usage: Usage,
    costMicros: z.int().min(0),
    /** As of an answer of the conversation. */
    passes: z.array(Pass).optional(),
    /** Who was asked. Absent: the event is older than this field, or nothing came. */
    model: z.string().optional(),
    /** What was said, so that whatever followed from it can be found again. Absent: as `model`. */
    answer: z.object({ id: z.string(), content: z.array(ContentBlock), stopReason: z.string() }).optional(),
    /** How long it took, the waiting for its turn left out. Absent: the event is older than this field. */
    milliseconds: z.int().min(0).optional(),
  }),
  /** Nobody knows what a call came to, so it counts at the most that it may have cost. */
  'cost.presumed': z.object({
    run: RunId,
    purpose: z.string(),
    costMicros: z.int().min(0),
    /**
     * `no_answer`: the request was sent and its answer never began. `not_counted`: the server did not say what it used.
     * Absent: the host died while the call was under way.
     */
    why: z.enum(['no_answer', 'not_counted']).optional(),
  }),
  'tool.started': z.object({
    run: RunId,
    turn: z.int().min(1),
    call: z.string(),
    name: z.string(),
    input: z.unknown(),
  }),
  'tool.finished': z.object({
    run: RunId,
    call: z.string(),
    ok: z.boolean(),
    /** Machine-readable why-not: a denial or a tool failure; null when it went well. */
    code: z.string().nullable(),
    /** What the model was told. */
    text: z.string(),
    view: ToolView,
    /** What the model was shown. Absent: no image. */
    image: HandsImage.optional(),
  }),
  'run.ended': z.object({
    run: RunId,
    outcome: Outcome,
    reason: Reason.nullable(),
    proposal: ProposalId.nullable(),
    /** Until then it goes on when somebody says something to it. Absent: it is over. */
    talkableUntil: Instant.optional(),
  }),
  ...loopEvents,
  /** The model has ended its turn and a loop will begin the next one; until then no time of the run's limit passes. */
  'run.waiting': z.object({ run: RunId, until: Instant }),
  /** A limit of its account has stopped it until then; it holds no slot, no sandbox and no process meanwhile. */
  'run.held': Held.extend({ run: RunId }),
  ...aimEvents,
  /** The rules a go of the run works by, and where they come from. A new go may work by new ones. */
  'policy.loaded': z.object({
    run: RunId,
    version: z.string(),
    mode: PermissionMode,
    sources: z.array(z.object({ layer: z.string(), file: z.string().nullable(), rules: z.int().min(0) })),
    /** Rules and files that do not count, each with the reason. */
    problems: z.array(z.string()),
  }),
  /** How to work, as files say it, handed to the agent. `files`: they count for what the run has touched by then. */
  'instructions.loaded': z.object({
    run: RunId,
    occasion: z.enum(['start', 'files']),
    files: z.array(InstructionFile),
    problems: z.array(InstructionProblem),
    /** As the agent reads it; empty when there are none. */
    text: z.string(),
    /** What can be called in this run; its list is in `text`. Absent: none, or the event is older than this field. */
    skills: z.array(SkillFile).optional(),
    /** The kinds of subagents that it may start. Absent: it starts none, or the event is older than this field. */
    agents: z.array(AgentFile).optional(),
    /** The model that it may ask for advice. Absent: none. */
    advisor: z.string().optional(),
  }),
  /** The prompt called a skill, which is handed over with it. A call of the agent is a tool call instead. */
  'skill.handed_over': z.object({
    run: RunId,
    name: z.string(),
    layer: InstructionLayer,
    path: z.string(),
    /** As the agent reads it, with its arguments and the output of its commands. */
    text: z.string(),
  }),
  ...hookEvents,
  ...memoryEvents,
  ...agentEvents,
  /** What the rules said of one tool call, before anything was done. */
  'permission.decided': z.object({
    run: RunId,
    turn: z.int().min(1),
    call: z.string(),
    tool: z.string(),
    decision: z.enum(['allow', 'ask', 'deny']),
    /** Null for what was simply allowed. */
    code: z.string().nullable(),
    /** The rule that decided, as it is written, and where; null when no rule did. */
    rule: z.string().nullable(),
    source: z.string().nullable(),
    /** The part of a compound command that decided. */
    segment: z.string().nullable(),
    policyVersion: z.string(),
  }),
  /** What a call brought back speaks to the agent: from here on whatever reaches outside is a person's to allow. */
  'run.tainted': z.object({
    run: RunId,
    call: z.string(),
    /** What gave it away, in words. */
    sign: z.string(),
    /** The place in the result, with everything unseen made visible. */
    excerpt: z.string(),
    /** It was in the conversation that this run goes on with: the run and, in one line, its call. Absent: a call of this run. */
    inherited: z.object({ run: RunId, source: z.string() }).optional(),
    /** It is only suspicious, and this is why it could not be probed. Absent: it could, or it is plain. */
    unprobed: z.string().optional(),
  }),
  'question.asked': z.object({ run: RunId, question: Question }),
  'question.answered': z.object({
    run: RunId,
    question: QuestionId,
    state: z.enum(['approved', 'denied', 'expired', 'withdrawn']),
    by: Door.or(z.enum(['deadline', 'nightshift'])),
    note: z.string().nullable(),
    /** The answer was given for good: the grant that it became. */
    grant: GrantId.optional(),
  }),
  /** The one use of an approval, committed before what it allows is begun. */
  'question.used': z.object({ run: RunId, question: QuestionId }),
  /** It stands still until the question is answered, and holds no slot, no sandbox and no process meanwhile. */
  'run.parked': z.object({ run: RunId, question: QuestionId, until: Instant }),
  /** One attempt of the sandbox to reach a host. Bytes of bodies and tunnels; 0 when it was refused. */
  'net.attempted': z.object({
    run: RunId,
    host: z.string(),
    port: z.int(),
    method: z.string(),
    decision: z.enum(['allow', 'deny']),
    code: z.string().nullable(),
    bytesOut: z.int().min(0),
    bytesIn: z.int().min(0),
  }),
  /** From now on the routine may do this without asking, as long as its content stays what it is. */
  'grant.given': z.object({ routine: RoutineId, grant: Grant }),
  'grant.revoked': z.object({ routine: RoutineId, grant: GrantId, by: Door }),
  /** The routine is not what it was given for any more. `contentHash`: of what it is now; null: it is gone. */
  'grant.lapsed': z.object({ routine: RoutineId, grant: GrantId, contentHash: ContentHash.nullable() }),
  'proposal.opened': z.object({ run: RunId, proposal: Proposal }),
  'proposal.revised': z.object({ run: RunId, proposal: Proposal }),
  'proposal.revision_requested': z.object({ run: RunId, proposal: ProposalId, comments: z.array(Comment).min(1) }),
  /** The session ended without a new revision; the proposal is open again as it was. */
  'proposal.reopened': z.object({ run: RunId, proposal: ProposalId, reason: z.string() }),
  'proposal.approved': z.object({
    run: RunId,
    proposal: ProposalId,
    into: z.string(),
    landedAs: z.string(),
    landedHow: z.enum(['fast_forward', 'merge_commit', 'cherry_picked', 'already_contained']),
  }),
  'proposal.rejected': z.object({ run: RunId, proposal: ProposalId, reason: z.string().nullable(), pruneAt: Instant }),
  'proposal.pruned': z.object({ run: RunId, proposal: ProposalId }),
  ...sessionEvents,
} as const;

export type EventType = keyof typeof bodies;

/** An event before it is committed: its type and body, and whose it is where it is a subagent's. */
export type Draft = { [T in EventType]: { type: T; agent?: AgentId } & z.infer<(typeof bodies)[T]> }[EventType];

/** A committed event. `seq` counts up by one per event of this data directory, from 1, without gaps. */
export type Event = Draft & { seq: number; at: string };

const union = Object.entries(bodies).map(([type, body]) =>
  z.object({ agent: AgentId.optional(), ...body.shape, type: z.literal(type), seq: z.int().min(1), at: Instant }),
);
export const Event: z.ZodType<Event> = z.discriminatedUnion('type', union as never) as never;

/** What a subscriber receives. `delta` is ephemeral: it is never stored and may be missed. */
export const StreamItem = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('event'), event: Event as z.ZodType<Event> }),
  z.object({
    kind: z.literal('delta'),
    run: RunId,
    /** Who speaks; absent: the run's own agent. */
    agent: AgentId.optional(),
    turn: z.int().min(1),
    channel: z.enum(['text', 'thinking']),
    text: z.string(),
  }),
  /** Everything committed before the subscription began has been sent. */
  z.object({ kind: z.literal('caught_up'), seq: z.int().min(0) }),
]);
export type StreamItem = z.infer<typeof StreamItem>;
export type Delta = Extract<StreamItem, { kind: 'delta' }>;
