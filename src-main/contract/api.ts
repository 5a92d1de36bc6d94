/** Every method there is. Inputs and outputs are checked on both sides of every door. */
import {
  type AnySchema,
  type ContractProcedure,
  type ContractRouterClient,
  eventIterator,
  type InferSchemaInput,
  type InferSchemaOutput,
  oc,
} from '@orpc/contract';
import { z } from 'zod';
import { Alert } from './alerts.ts';
import { AuditDecision, AuditLine, AuditRecord, AuditVerdict } from './audit.ts';
import { Budgets, DollarsPerDay } from './budgets.ts';
import { ExportedCassette } from './cassettes.ts';
import { Costs } from './costs.ts';
import { DrillItem } from './drill.ts';
import { Event, StreamItem } from './events.ts';
import { FaultData } from './faults.ts';
import { Grant, GrantId, GrantState } from './grants.ts';
import { HookPreview } from './hooks.ts';
import { DoctorCheck, HostStatus, ModelStatus } from './host.ts';
import { Instant } from './instants.ts';
import { InstructionPreview } from './instructions.ts';
import { ClaimedBy, Occurrence, OccurrenceState, PauseAll, RunId, Why } from './ledger.ts';
import { Memory, MemoryFileName, MemoryText } from './memory.ts';
import { ModelList } from './models.ts';
import { PoliciesChange } from './policies.ts';
import { Price, PricedModel } from './prices.ts';
import { Comment, Proposal, ProposalId, ProposalState } from './proposals.ts';
import { Door, Question, Answer as QuestionAnswer, QuestionId, QuestionState } from './questions.ts';
import { Routine, RoutineId, RoutineSpec, RulesChange, SchedulePreview } from './routines.ts';
import { RunCosts } from './run-costs.ts';
import { Run, RunKey } from './runs.ts';
import { SessionBundle } from './session-bundle.ts';
import { EffectiveSettings } from './settings.ts';
import { TaskSpec } from './tasks.ts';
import { Telemetry, TelemetryEndpoint, Trace } from './traces.ts';
import { Trial, TrialStart } from './trials.ts';

/** What a person says to a session. */
const Words = z.string().trim().min(1).max(100_000);
const Turn = z.int().min(1);

const method = oc.errors({ FAULT: { data: FaultData } });
const empty = z.object({});
const limit = z.int().min(1).max(1000).default(100);

/** Fields a person leaves out when editing stay as they are: an optional field would still bring its own default along. */
const {
  branchPrefix,
  model,
  effort,
  permissionMode,
  whenAsked,
  answerWithin,
  network,
  checks,
  paused,
  description,
  goal,
  goalRounds,
  rubric,
  artifacts,
  iterations,
  limits,
} = RoutineSpec.shape;
const { turns, minutes, dollars, dollarsPerDay, tokens, outputTokens, toolCalls } = limits.unwrap().shape;
const RoutineChange = z
  .object({
    ...RoutineSpec.shape,
    branchPrefix: branchPrefix.unwrap(),
    model: model.unwrap(),
    effort: effort.unwrap(),
    permissionMode: permissionMode.unwrap(),
    permissions: RulesChange,
    whenAsked: whenAsked.unwrap(),
    answerWithin: answerWithin.unwrap(),
    network: network.unwrap(),
    checks: checks.unwrap(),
    paused: paused.unwrap(),
    policies: PoliciesChange,
    description: description.unwrap(),
    goal: goal.unwrap(),
    goalRounds: goalRounds.unwrap(),
    rubric: rubric.unwrap(),
    artifacts: artifacts.unwrap(),
    iterations: iterations.unwrap(),
    limits: z
      .strictObject({
        turns: turns.unwrap(),
        minutes: minutes.unwrap(),
        dollars: dollars.unwrap(),
        dollarsPerDay: dollarsPerDay.unwrap(),
        tokens: tokens.unwrap(),
        outputTokens: outputTokens.unwrap(),
        toolCalls: toolCalls.unwrap(),
      })
      .partial(),
  })
  .partial();

export const api = {
  routines: {
    list: method.output(z.array(Routine)),
    get: method.input(z.object({ routine: RoutineId })).output(Routine),
    /** `id` defaults to the name in lower case with hyphens. Refuses an id that exists, with `conflict`. */
    add: method.input(z.object({ id: RoutineId.optional(), spec: RoutineSpec })).output(Routine),
    edit: method.input(z.object({ routine: RoutineId, change: RoutineChange })).output(Routine),
    pause: method.input(z.object({ routine: RoutineId })).output(Routine),
    resume: method.input(z.object({ routine: RoutineId })).output(Routine),
    /** Removes the folder and the OS registration; runs, proposals and ledger rows stay. */
    remove: method.input(z.object({ routine: RoutineId })).output(empty),
    /** Starts a run now. While one is running: `conflict`. */
    run: method.input(z.object({ routine: RoutineId })).output(z.object({ run: RunId })),
    /** Adds one due instant, fired by the OS scheduler like any other. At most one year ahead. */
    fireAt: method.input(z.object({ routine: RoutineId, at: Instant })).output(Routine),
    /**
     * A trial run in a few seconds, fired by the OS scheduler like any other, also while the routine is paused. What
     * would leave the machine is recorded, not done. While a run of it is at work: `conflict`.
     */
    rehearse: method.input(z.object({ routine: RoutineId })).output(TrialStart),
    /** The latest trial run and what it needs. None yet: `not_found`. */
    trial: method.input(z.object({ routine: RoutineId })).output(Trial),
    /** Gives exactly what the list of the ended trial says; `bind` of the list as the person saw it. */
    signTrial: method.input(z.object({ routine: RoutineId, bind: z.string(), door: Door })).output(z.array(Grant)),
    preview: method
      .input(z.object({ schedule: z.string(), timeZone: z.string(), count: z.int().min(1).max(1000).default(5) }))
      .output(SchedulePreview),
    /** Latest first. `since`: only what was due at or after it. */
    ledger: method
      .input(
        z.object({
          ...{ routine: RoutineId.optional(), state: OccurrenceState.optional(), since: Instant.optional(), limit },
        }),
      )
      .output(z.array(Occurrence)),
    /** Why something, or nothing, happened at an instant. The routine need not exist any more. */
    why: method.input(z.object({ routine: RoutineId, at: Instant })).output(Why),
    /** Holds every routine back, until an instant or until it is lifted. What falls due meanwhile is skipped. */
    pauseAll: method.input(z.object({ until: Instant.nullable().default(null) })).output(PauseAll),
    resumeAll: method.output(empty),
    /** Null: not paused. */
    pausedAll: method.output(PauseAll.nullable()),
  },
  /** Asks the ledger what is due, claims it, starts it. Answers when all is recorded, not when the runs are over. */
  due: method
    .input(z.object({ by: ClaimedBy, routine: RoutineId.optional() }))
    .output(z.object({ accounted: z.array(Occurrence), active: z.array(RunId) })),
  runs: {
    /**
     * One run that belongs to no routine; it begins at once, beside others. Asked again with the key of a run that was
     * started lately, it answers with that one. Throws what adding such a routine would.
     */
    start: method.input(z.object({ task: TaskSpec, key: RunKey.optional() })).output(z.object({ run: RunId })),
    list: method.input(z.object({ routine: RoutineId.optional(), limit })).output(z.array(Run)),
    get: method.input(z.object({ run: RunId })).output(Run),
    /** Committed events of one run, oldest first. */
    events: method
      .input(z.object({ run: RunId, after: z.int().min(0).default(0), limit: z.int().min(1).max(5000).default(5000) }))
      .output(z.array(Event)),
    /** As spans of time; no content is among them. */
    trace: method.input(z.object({ run: RunId })).output(Trace),
    /** What each of its requests cost, and the same by turn, purpose and agent. */
    costs: method.input(z.object({ run: RunId })).output(RunCosts),
    /** A run that is over, as a file that can be replayed without this host; freed of secrets. `conflict`: it goes on, or no model has answered in it. */
    cassette: method.input(z.object({ run: RunId })).output(ExportedCassette),
    stop: method.input(z.object({ run: RunId })).output(empty),
    /**
     * Says something to a session that works, waits or is idle. It is told at the next clean point; with `interrupt`, what
     * it does now is stopped first. One that is idle goes on. `conflict`: it is over for good.
     */
    say: method
      .input(z.object({ run: RunId, text: Words, interrupt: z.boolean().default(false), door: Door }))
      .output(Run),
    /**
     * A new run that goes on from this one as it was after the turn, with the files of then, in a worktree of its own.
     * `atTurn` left out: the last that is whole. `prompt` left out: it is told to go on.
     */
    fork: method
      .input(z.object({ run: RunId, atTurn: Turn.optional(), prompt: Words.optional() }))
      .output(z.object({ run: RunId })),
    /** The same run goes back to what it was after the turn, with the files of then. Idle without a `prompt`, it waits for one. */
    rewind: method.input(z.object({ run: RunId, toTurn: Turn, prompt: Words.optional(), door: Door })).output(Run),
    /**
     * The session as one file with which it goes on elsewhere, freed of secrets. From the first time on it never goes on
     * here; asked again, it gives the same file. `conflict`: it is at work.
     */
    handOver: method.input(z.object({ run: RunId, door: Door })).output(SessionBundle),
    /**
     * A new run that goes on from such a file (absolute path) in a repository of this machine that has the commit that it
     * began with. What it may do is decided here: allow rules and hosts do not come along.
     */
    take: method
      .input(
        z.object({
          file: z.string().min(1).max(4096),
          repository: z.string().min(1).max(4096),
          prompt: Words.optional(),
        }),
      )
      .output(z.object({ run: RunId })),
  },
  proposals: {
    list: method.input(z.object({ state: ProposalState.optional(), limit })).output(z.array(Proposal)),
    get: method.input(z.object({ proposal: ProposalId })).output(Proposal),
    /** Unified diff from base to head. */
    diff: method.input(z.object({ proposal: ProposalId })).output(z.object({ patch: z.string() })),
    /** `into` defaults to the branch the run started from; a branch that does not exist is created there. */
    approve: method
      .input(
        z.object({
          proposal: ProposalId,
          into: z.string().min(1).max(200).optional(),
          /** Must be true where a file would run outside the sandbox (`runsHere`): the person has looked at those. */
          withFilesThatRun: z.boolean().optional(),
        }),
      )
      .output(Proposal),
    reject: method
      .input(z.object({ proposal: ProposalId, reason: z.string().max(10_000).optional() }))
      .output(Proposal),
    /** Sends comments back to the same session; a new revision of the same proposal follows. */
    revise: method
      .input(z.object({ proposal: ProposalId, comments: z.array(Comment).min(1).max(100) }))
      .output(Proposal),
  },
  questions: {
    /** Latest first. */
    list: method
      .input(z.object({ state: QuestionState.optional(), run: RunId.optional(), limit }))
      .output(z.array(Question)),
    get: method.input(z.object({ question: QuestionId })).output(Question),
    /** All of them or none. Each names what was seen (`bind`); its run goes on. */
    answer: method
      .input(z.object({ answers: z.array(QuestionAnswer).min(1).max(100), door: Door }))
      .output(z.array(Question)),
  },
  /** What routines may do for good. Given by an answer (`always`) or by signing a trial, and in no other way. */
  grants: {
    /** Latest first. */
    list: method
      .input(z.object({ routine: RoutineId.optional(), state: GrantState.optional(), limit }))
      .output(z.array(Grant)),
    /** Counts from the next call on, of running runs, too. */
    revoke: method.input(z.object({ grant: GrantId, door: Door })).output(Grant),
  },
  /** What a person should look at, that is no run's own outcome. */
  alerts: {
    /** Latest first. `all`: also what was put away. */
    list: method.input(z.object({ all: z.boolean().default(false), limit })).output(z.array(Alert)),
    /** One that is put away already stays as it is. */
    dismiss: method.input(z.object({ seq: z.int().min(1), door: Door })).output(Alert),
    /** `through`: the newest that the person has seen; what came after it stays. */
    dismissAll: method.input(z.object({ through: z.int().min(1), door: Door })).output(z.array(Alert)),
  },
  budgets: {
    get: method.output(Budgets),
    /** Of all routines together; it counts at once. */
    set: method.input(z.object({ dollarsPerDay: DollarsPerDay })).output(Budgets),
    /** What was paid in the last days, today among them, and what is likely to come. */
    costs: method.input(z.object({ days: z.int().min(1).max(366).default(30) })).output(Costs),
  },
  events: {
    /** Every event after `after`, then every new one, each exactly once and in order; deltas in between. */
    follow: method.input(z.object({ after: z.int().min(0), run: RunId.optional() })).output(eventIterator(StreamItem)),
  },
  model: {
    status: method.output(ModelStatus),
    /** What is known of the address's models. `ask`: the address is asked first, for five seconds at most. */
    list: method.input(z.object({ ask: z.boolean().default(false) })).output(ModelList),
    /**
     * Stores the key in the OS keychain, or, with `passphraseFile` (absolute path, readable for its owner alone), in an
     * encrypted file of the data directory. The choice stays until the key is forgotten. The key is never sent back.
     */
    setKey: method
      .input(
        z.object({ key: z.string().trim().min(8).max(500), passphraseFile: z.string().min(1).max(4096).optional() }),
      )
      .output(ModelStatus),
    forgetKey: method.output(ModelStatus),
    /** Any Anthropic-compatible address; null: the default one. */
    setBaseUrl: method.input(z.object({ url: z.url({ protocol: /^https?$/ }).nullable() })).output(ModelStatus),
    /** What a model costs, from its next answer on; null: as Nightshift's own table says. All zero: nobody bills it. */
    setPrice: method.input(z.object({ model: PricedModel, price: Price.nullable() })).output(ModelStatus),
  },
  telemetry: {
    get: method.output(Telemetry),
    /** Every run that ends from now on is sent there; null: nothing is sent to anyone. */
    set: method.input(z.object({ endpoint: TelemetryEndpoint.nullable() })).output(Telemetry),
  },
  instructions: {
    /** What a run on this repository would be told by files if it began now, from the head of the branch that is checked out. */
    preview: method.input(z.object({ repository: z.string().min(1).max(4096) })).output(InstructionPreview),
  },
  /** Commands that settings files want run at moments of a session. */
  hooks: {
    /** Those of the commit that is checked out, of the person and of the administrator, and which of them would run. */
    list: method.input(z.object({ repository: z.string().min(1).max(4096) })).output(HookPreview),
    /** Yes to exactly these: `hash` as the person saw it. What differs by now is a `conflict`. */
    trust: method
      .input(z.object({ repository: z.string().min(1).max(4096), hash: z.string(), door: Door }))
      .output(HookPreview),
    /** Takes back every yes for that repository. Running runs go on as they began. */
    revoke: method.input(z.object({ repository: z.string().min(1).max(4096), door: Door })).output(HookPreview),
  },
  /** What runs remember of a repository. */
  memory: {
    get: method.input(z.object({ repository: z.string().min(1).max(4096) })).output(Memory),
    read: method
      .input(z.object({ repository: z.string().min(1).max(4096), file: MemoryFileName }))
      .output(z.object({ text: z.string() })),
    /** `text` null: the file is forgotten. Counts for runs that begin later. */
    write: method
      .input(
        z.object({
          ...{ repository: z.string().min(1).max(4096), file: MemoryFileName },
          ...{ text: MemoryText.nullable(), door: Door },
        }),
      )
      .output(Memory),
    /** What a run offers is kept, or dropped. */
    decide: method
      .input(
        z.object({
          ...{ repository: z.string().min(1).max(4096), offer: z.int().min(1) },
          ...{ take: z.boolean(), door: Door },
        }),
      )
      .output(Memory),
  },
  settings: {
    /** What the settings files say, read anew. `repository`: with the files of that folder; without it, what counts everywhere. */
    effective: method
      .input(z.object({ repository: z.string().min(1).max(4096).optional() }).optional())
      .output(EffectiveSettings),
  },
  demo: {
    /** Creates the demo repository and its routine where they are missing; changes nothing that is there. */
    create: method.output(z.object({ routine: Routine, repository: z.string() })),
  },
  audit: {
    /** Recomputes the chains; `run` left out: of every run. A break is an answer, not a fault. */
    verify: method.input(z.object({ run: RunId.optional() })).output(AuditVerdict),
    /** Records of one run with `seq` greater than `after`, oldest first, as they stand in the file. */
    records: method
      .input(z.object({ run: RunId, after: z.int().min(0).default(0), decision: AuditDecision.optional(), limit }))
      .output(z.array(AuditRecord)),
    /** Everything that a check without this host needs, as lines of one file. */
    export: method.input(z.object({ run: RunId.optional() })).output(eventIterator(AuditLine)),
    /** Deletes the records of runs that ended before `before`; heads and last checkpoints stay. */
    prune: method.input(z.object({ before: Instant })).output(z.object({ pruned: z.array(RunId) })),
  },
  drill: {
    /** Breaks scratch profiles on purpose, one fault after the other; takes about a minute. Ends when the caller leaves. */
    run: method.output(eventIterator(DrillItem)),
  },
  host: {
    status: method.output(HostStatus),
    /** `fix`: first mends what the OS scheduler holds. `sandbox`: also what is enforced right now, one check each. */
    doctor: method
      .input(z.object({ fix: z.boolean().default(false), sandbox: z.boolean().default(false) }).optional())
      .output(z.array(DoctorCheck)),
    /** A link that opens the app in a browser: works once, within five minutes. Never log it. */
    openUrl: method.output(z.object({ url: z.string() })),
    /** Refuses with `host.busy` while runs are active unless `force`; forced, they resume with the next host. */
    stop: method.input(z.object({ force: z.boolean().default(false) })).output(empty),
  },
};
export type Api = typeof api;

export type ApiClient = ContractRouterClient<Api>;

/** What a method answers with: a whole value, or for a stream whatever can be iterated. */
type Answer<O extends AnySchema> =
  InferSchemaOutput<O> extends AsyncIterable<unknown> ? InferSchemaInput<O> : InferSchemaOutput<O>;

/** The same methods as plain functions, for whoever implements them. Inputs arrive parsed; outputs are checked by the door. */
type Handler<P> =
  P extends ContractProcedure<infer I, infer O, infer _E, infer _M>
    ? (input: InferSchemaOutput<I>, signal?: AbortSignal) => Promise<Answer<O>>
    : { [K in keyof P]: Handler<P[K]> };
export type Handlers = Handler<Api>;
