/** Events of one run → the rows a person reads; extended by new events without touching the rows before. */
import type { AgentId } from '#contract/agents.ts';
import type { Event, ToolView } from '#contract/events.ts';
import type { CheckRound } from '#contract/runs.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

export type Row = { seq: number; at: string } & (
  | { kind: 'note'; event: NoteEvent }
  | { kind: 'message'; from: Of<'message.added'>['from']; text: string }
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

type NoteEvent = Of<
  | 'run.queued'
  | 'run.started'
  | 'run.resumed'
  | 'run.ended'
  | 'sandbox.ready'
  | 'instructions.loaded'
  | 'skill.handed_over'
  | 'model.retrying'
  | 'answer.lost'
  | 'message.finished'
  | 'model.switched'
  | 'thinking.dropped'
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
>;
export interface ToolRow {
  kind: 'tool';
  call: string;
  name: string;
  input: unknown;
  /** Null while it runs. */
  result: { ok: boolean; code: string | null; text: string; view: ToolView; at: string } | null;
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
  /** Something that a call brought back spoke to the agent. */
  tainted: boolean;
}

export const emptyTranscript: Transcript = {
  through: 0,
  rows: [],
  threads: new Map(),
  calls: new Map(),
  before: null,
  policy: null,
  instructed: [],
  tainted: false,
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
  let { through, before, policy, instructed, tainted } = transcript;
  for (const event of fresh) {
    through = event.seq;
    const place = { seq: event.seq, at: event.at };
    switch (event.type) {
      case 'message.added':
        rows.push({ ...place, kind: 'message', from: event.from, text: event.text });
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
      case 'run.queued':
      case 'run.started':
      case 'run.resumed':
      case 'run.ended':
      case 'sandbox.ready':
      case 'skill.handed_over':
      case 'model.retrying':
      case 'answer.lost':
      case 'model.switched':
      case 'thinking.dropped':
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
        rows.push({ ...place, kind: 'note', event });
        break;
      default:
    }
  }
  return { ...transcript, through, rows, calls, before, policy, instructed, tainted };
}

/** The subagent that it started stands for it. */
function startCall(rows: Row[], calls: Map<string, number>, { seq, at, call, name, input }: Of<'tool.started'>): void {
  if (rows.some((row) => row.kind === 'thread' && row.call === call)) return;
  calls.set(call, rows.length);
  rows.push({ seq, at, kind: 'tool', call, name, input, result: null });
}

function addResult(rows: Row[], index: number | undefined, { ok, code, text, view, at }: Of<'tool.finished'>): void {
  const row = index === undefined ? undefined : rows[index];
  if (index !== undefined && row?.kind === 'tool') rows[index] = { ...row, result: { ok, code, text, view, at } };
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
