/** Events of one run → the rows a person reads; extended by new events without touching the rows before. */
import type { AgentId } from '#contract/agents.ts';
import type { Event, ToolView } from '#contract/events.ts';
import type { HandsImage } from '#contract/hands.ts';
import type { CheckRound, Run } from '#contract/runs.ts';
import { reduceRun } from '#contract/state.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

/**
 * `left`: it was left behind, for the run went back to a turn before it. `aims`, of an end: how goal and rubric stood
 * then.
 */
export type Row = { seq: number; at: string; left?: true } & (
  | { kind: 'note'; event: NoteEvent; aims?: Pick<Run, 'goal' | 'grading'> | undefined }
  /** `told` false: a person said it, and the agent has not heard it yet. */
  | { kind: 'message'; from: Of<'message.added'>['from']; text: string; told: boolean }
  | { kind: 'text'; turn: number; text: string; first: boolean }
  | { kind: 'thinking'; turn: number; text: string; first: boolean }
  | GuardRow
  | ThreadRow
  | { kind: 'checks'; phase: 'before' | 'after'; round: CheckRound; other: CheckRound | null }
  | ToolRow
);
/** Where the rules, a person or the network had something to say. */
export type GuardRow =
  | {
      kind: 'guard';
      event: Of<'permission.decided' | 'question.asked' | 'question.answered' | 'question.used' | 'run.tainted'>;
    }
  /** Attempts in a row at one host that went alike, told once. */
  | { kind: 'net'; event: Of<'net.attempted'>; times: number; bytesOut: number; bytesIn: number };

/** The rules that are in force. */
export type Policy = Of<'policy.loaded'>;

/** Files that told the agent how to work, and those that do not count. */
export type Instructed = Of<'instructions.loaded'>;

/** What it was told of the memory of its repository. */
export type Remembered = Of<'memory.loaded'>;

/** The hooks that it works with, and those that it does not run. */
export type LoadedHooks = Of<'hooks.loaded'>;

type NoteEvent = Of<
  | 'run.queued'
  | 'run.started'
  | 'run.resumed'
  | 'run.ended'
  | 'sandbox.ready'
  | 'instructions.loaded'
  | 'skill.handed_over'
  | 'hook.ran'
  | 'memory.offered'
  | 'memory.settled'
  | 'model.retrying'
  | 'answer.lost'
  | 'message.finished'
  | 'model.switched'
  | 'thinking.dropped'
  | 'tools.offered'
  | 'history.compacted'
  | 'cost.presumed'
  | 'alert.raised'
  | 'loop.created'
  | 'loop.scheduled'
  | 'loop.fired'
  | 'loop.ended'
  | 'run.waiting'
  | 'run.held'
  | 'goal.judged'
  | 'outcome.graded'
  | 'proposal.opened'
  | 'proposal.revised'
  | 'proposal.revision_requested'
  | 'proposal.reopened'
  | 'proposal.approved'
  | 'proposal.rejected'
  | 'proposal.pruned'
  | 'turn.interrupted'
  | 'files.saved'
  | 'history.rewound'
  | 'history.inherited'
  | 'run.forked'
  | 'run.handed_over'
>;
export interface ToolRow {
  kind: 'tool';
  turn: number;
  call: string;
  name: string;
  input: unknown;
  /** Null while it runs. */
  result: {
    ok: boolean;
    code: string | null;
    text: string;
    view: ToolView;
    at: string;
    /** What the model was shown. */
    image?: HandsImage | undefined;
  } | null;
}
export type NoteOf = NoteEvent;

/** A subagent, where it was started. */
export interface ThreadRow {
  kind: 'thread';
  agent: AgentId;
  /** By which it was started. */
  call: string;
}

export interface Transcript {
  /** Events up to this sequence number are in `rows`. */
  through: number;
  rows: readonly Row[];
  /** Of subagents, each by itself, whoever started them. */
  threads: ReadonlyMap<AgentId, Transcript>;
  /** Row index of each tool call. */
  calls: ReadonlyMap<string, number>;
  before: CheckRound | null;
  /** As last loaded; null before. */
  policy: Policy | null;
  instructed: readonly Instructed[];
  /** Null: it has none. */
  memory: Remembered | null;
  /** As last loaded; null: there are none. */
  hooks: LoadedHooks | null;
  /** Something that a call brought back spoke to the agent. */
  tainted: boolean;
  /** As its events have made it so far. */
  run: Run | undefined;
}

export const emptyTranscript: Transcript = {
  through: 0,
  rows: [],
  threads: new Map(),
  calls: new Map(),
  before: null,
  policy: null,
  instructed: [],
  memory: null,
  hooks: null,
  tainted: false,
  run: undefined,
};

/** `events` in order; those already in are ignored. */
export function extendTranscript(transcript: Transcript, events: readonly Event[]): Transcript {
  const fresh = events.filter((event) => event.seq > transcript.through);
  const last = fresh.at(-1);
  if (!last) return transcript;
  const threads = new Map(transcript.threads);
  let { tainted } = transcript;
  for (const [agent, theirs] of Map.groupBy(fresh, whose)) {
    if (agent === null) continue;
    const thread = extended(threads.get(agent) ?? emptyTranscript, theirs);
    tainted ||= thread.tainted;
    threads.set(agent, thread);
  }
  const own = extended(
    transcript,
    fresh.filter((event) => whose(event) === null),
  );
  return { ...own, threads, tainted: own.tainted || tainted, through: last.seq };
}

/** In whose conversation it stands; null: that of the run itself. */
function whose(event: Event): AgentId | null {
  if (event.type === 'agent.started' || event.type === 'agent.continued') return event.parent;
  return event.agent ?? null;
}

function extended(transcript: Transcript, fresh: readonly Event[]): Transcript {
  const rows = [...transcript.rows];
  const calls = new Map(transcript.calls);
  let { through, before, policy, instructed, memory, hooks, tainted, run } = transcript;
  for (const event of fresh) {
    through = event.seq;
    run = reduceRun(run, event);
    const place = { seq: event.seq, at: event.at };
    switch (event.type) {
      case 'person.said':
      case 'message.added':
      case 'history.rewound':
      case 'files.saved':
        talked(rows, event);
        break;
      case 'message.finished':
        if (event.cacheMiss) rows.push({ ...place, kind: 'note', event });
        rows.push(...spoken(event));
        break;
      case 'agent.started':
        rows.push({ ...place, kind: 'thread', agent: event.agent, call: event.call });
        break;
      case 'tool.started':
        startCall(rows, calls, event);
        break;
      case 'web.used':
        rows.push({ ...place, ...webRow(event) });
        break;
      case 'tool.finished':
        addResult(rows, calls.get(event.call), event);
        break;
      case 'checks.finished':
        if (event.phase === 'before') before = event.round;
        rows.push({
          ...place,
          kind: 'checks',
          phase: event.phase,
          round: event.round,
          other: event.phase === 'after' ? before : null,
        });
        break;
      case 'policy.loaded':
        policy = event;
        break;
      case 'memory.loaded':
        memory = event;
        break;
      case 'hooks.loaded':
        hooks = event;
        break;
      case 'instructions.loaded':
        instructed = [...instructed, event];
        if (event.occasion === 'files' && event.files.length > 0) rows.push({ ...place, kind: 'note', event });
        break;
      case 'permission.decided':
        if (!isPlainYes(event)) rows.push({ ...place, kind: 'guard', event });
        break;
      case 'run.tainted':
        tainted = true;
        rows.push({ ...place, kind: 'guard', event });
        break;
      case 'question.asked':
      case 'question.answered':
      case 'question.used':
        rows.push({ ...place, kind: 'guard', event });
        break;
      case 'net.attempted':
        addAttempt(rows, event);
        break;
      case 'run.ended':
      case 'run.queued':
      case 'run.started':
      case 'run.resumed':
      case 'sandbox.ready':
      case 'skill.handed_over':
      case 'hook.ran':
      case 'memory.offered':
      case 'memory.settled':
      case 'model.retrying':
      case 'answer.lost':
      case 'model.switched':
      case 'thinking.dropped':
      case 'tools.offered':
      case 'history.compacted':
      case 'cost.presumed':
      case 'alert.raised':
      case 'loop.created':
      case 'loop.scheduled':
      case 'loop.fired':
      case 'loop.ended':
      case 'run.waiting':
      case 'run.held':
      case 'goal.judged':
      case 'outcome.graded':
      case 'proposal.opened':
      case 'proposal.revised':
      case 'proposal.revision_requested':
      case 'proposal.reopened':
      case 'proposal.approved':
      case 'proposal.rejected':
      case 'proposal.pruned':
      case 'turn.interrupted':
      case 'history.inherited':
      case 'run.forked':
      case 'run.handed_over':
        rows.push({ ...place, kind: 'note', event, aims: run });
        break;
      default:
    }
  }
  return { ...transcript, through, rows, calls, before, policy, instructed, memory, hooks, tainted, run };
}

/** What the model's address did is over when it is told. */
function webRow({ turn, call, tool, input, ok, code, sources, at }: Of<'web.used'>): ToolRow {
  const text = sources.map(({ title, url }) => [title, url].filter(Boolean).join('\n')).join('\n\n');
  return { kind: 'tool', turn, call, name: tool, input, result: { ok, code, text, view: { kind: 'text', text }, at } };
}

function talked(rows: Row[], event: Of<'person.said' | 'message.added' | 'history.rewound' | 'files.saved'>): void {
  const { seq, at } = event;
  if (event.type === 'person.said')
    rows.push({ seq, at, kind: 'message', from: 'person', text: event.text, told: false });
  else if (event.type === 'message.added') {
    if (!heard(rows, event)) rows.push({ seq, at, kind: 'message', from: event.from, text: event.text, told: true });
  } else {
    if (event.type === 'history.rewound') leaveBehind(rows, event.turn);
    if (event.type === 'history.rewound' || event.why) rows.push({ seq, at, kind: 'note', event });
  }
}

/** What a person said stands where it was said; there it is told now. */
function heard(rows: Row[], { said }: Of<'message.added'>): boolean {
  const index = said === undefined ? -1 : rows.findLastIndex(({ seq }) => seq === said);
  const row = rows[index];
  if (row?.kind !== 'message') return false;
  rows[index] = { ...row, told: true };
  return true;
}

/** Everything after the turn that is not left behind already. */
function leaveBehind(rows: Row[], turn: number): void {
  const first = rows.findIndex((row) => !row.left && 'turn' in row && row.turn > turn);
  if (first < 0) return;
  for (let index = first; index < rows.length; index += 1) {
    const row = rows[index] as Row;
    // What happened has happened; only what was said and done is no part of the conversation any more.
    if ('turn' in row || row.kind === 'message') rows[index] = { ...row, left: true };
  }
}

/** The subagent that it started stands for it. */
function startCall(
  rows: Row[],
  calls: Map<string, number>,
  { seq, at, turn, call, name, input }: Of<'tool.started'>,
): void {
  if (rows.some((row) => row.kind === 'thread' && row.call === call)) return;
  calls.set(call, rows.length);
  rows.push({ seq, at, kind: 'tool', turn, call, name, input, result: null });
}

function addResult(rows: Row[], index: number | undefined, event: Of<'tool.finished'>): void {
  const { ok, code, text, view, at, image } = event;
  const row = index === undefined ? undefined : rows[index];
  if (index !== undefined && row?.kind === 'tool')
    rows[index] = { ...row, result: { ok, code, text, view, at, image } };
}

const isPlainYes = ({ decision, code }: Of<'permission.decided'>): boolean => decision === 'allow' && code === null;

function addAttempt(rows: Row[], event: Of<'net.attempted'>): void {
  const last = rows.at(-1);
  const alike =
    last?.kind === 'net' &&
    (['host', 'port', 'method', 'decision', 'code'] as const).every((part) => last.event[part] === event[part]);
  const before = alike
    ? last
    : { seq: event.seq, at: event.at, kind: 'net' as const, event, times: 0, bytesOut: 0, bytesIn: 0 };
  const { times, bytesOut, bytesIn } = before;
  if (alike) rows.pop();
  rows.push({ ...before, times: times + 1, bytesOut: bytesOut + event.bytesOut, bytesIn: bytesIn + event.bytesIn });
}

/** Tool calls in a message become rows when they start, so only its words are taken here. */
function spoken(event: Of<'message.finished'>): Row[] {
  const said: Row[] = [];
  event.content.forEach((block, index) => {
    // A fraction keeps keys unique where one event gives several rows.
    const place = { seq: event.seq + (index + 1) / 1000, at: event.at, turn: event.turn, first: said.length === 0 };
    if (block.type === 'text' && typeof block.text === 'string' && block.text.trim() !== '')
      said.push({ ...place, kind: 'text', text: block.text });
    if (block.type === 'thinking' && typeof block.thinking === 'string' && block.thinking.trim() !== '')
      said.push({ ...place, kind: 'thinking', text: block.thinking });
  });
  return said;
}
