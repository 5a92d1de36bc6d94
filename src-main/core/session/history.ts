/** The model's history, rebuilt from the event log alone: append-only, so that every request extends the one before. */
import type { ContentBlockParam, MessageParam, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { ContentBlock, Event } from '#contract/events.ts';

export interface ToolUse {
  id: string;
  name: string;
  input: unknown;
}

export interface History {
  messages: MessageParam[];
  /** Length of the messages as JSON. */
  bytes: number;
  /** Calls of the last answer that have no result yet, in order; `begun`: started, but its end was never recorded. */
  pending: (ToolUse & { begun: boolean })[];
  /** Stop reason of the last answer; null before the first one or when something was added after it. */
  stopReason: string | null;
  /** Answers in the whole session. */
  turns: number;
  /** Answers since the routine's prompt or the last comments of a person. */
  turnsOfThisGo: number;
  /** Milliseconds of work since then, without the time in which no host ran. */
  workedMs: number;
  /** The last thing that was proposed since then, if anything was. */
  proposing: unknown;
  /** Text of the last answer. */
  lastText: string;
}

/** Folds a run's committed events, oldest first, into its history. `history` is alive: each `apply` extends it. */
export function createHistory(): { history: Readonly<History>; apply(event: Event): void } {
  const history: History = {
    messages: [],
    bytes: 0,
    pending: [],
    stopReason: null,
    turns: 0,
    turnsOfThisGo: 0,
    workedMs: 0,
    proposing: null,
    lastText: '',
  };
  let results: ToolResultBlockParam[] = [];
  let calls: ToolUse[] = [];
  let previous: Event | null = null;

  const push = (message: MessageParam) => {
    history.messages.push(message);
    history.bytes += Buffer.byteLength(JSON.stringify(message));
  };

  function answered(event: Extract<Event, { type: 'message.finished' }>): void {
    push({ role: 'assistant', content: event.content as unknown as ContentBlockParam[] });
    history.turns = event.turn;
    history.turnsOfThisGo++;
    history.stopReason = event.stopReason;
    history.lastText = textOf(event.content);
    calls = toolUses(event.content);
    history.pending = calls.map((call) => ({ ...call, begun: false }));
    results = [];
  }

  function toolFinished(event: Extract<Event, { type: 'tool.finished' }>): void {
    const call = history.pending.find((each) => each.id === event.call);
    if (!call) return;
    if (call.name === 'Propose' && event.ok) history.proposing = call.input;
    history.pending = history.pending.filter((each) => each !== call);
    const refused = event.ok ? {} : { is_error: true };
    results.push({ type: 'tool_result', tool_use_id: event.call, content: event.text, ...refused });
    if (history.pending.length === 0) push({ role: 'user', content: inOrder(results, calls) });
  }

  function added(event: Extract<Event, { type: 'message.added' }>): void {
    push({ role: 'user', content: [{ type: 'text', text: event.text }] });
    history.stopReason = null;
    if (event.from === 'nightshift') return;
    history.turnsOfThisGo = 0;
    history.workedMs = 0;
    history.proposing = null;
  }

  function apply(event: Event): void {
    if (previous && event.type !== 'run.resumed' && event.type !== 'run.started')
      history.workedMs += Date.parse(event.at) - Date.parse(previous.at);
    previous = event;
    if (event.type === 'message.added') added(event);
    else if (event.type === 'message.finished') answered(event);
    else if (event.type === 'tool.finished') toolFinished(event);
    else if (event.type === 'tool.started')
      history.pending = history.pending.map((call) => (call.id === event.call ? { ...call, begun: true } : call));
  }
  return { history, apply };
}

export function toolUses(content: readonly ContentBlock[]): ToolUse[] {
  return content
    .filter((block) => block.type === 'tool_use')
    .map((block) => ({ id: String(block.id), name: String(block.name), input: block.input }));
}

export function textOf(content: readonly ContentBlock[]): string {
  return content
    .filter((block) => block.type === 'text')
    .map((block) => String(block.text))
    .join('\n')
    .trim();
}

function inOrder(results: ToolResultBlockParam[], calls: ToolUse[]): ToolResultBlockParam[] {
  return calls.flatMap((call) => results.filter((result) => result.tool_use_id === call.id));
}
