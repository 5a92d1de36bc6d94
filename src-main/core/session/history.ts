/** The model's history, rebuilt from the event log alone: append-only, so that every request extends the one before. */
import type { ContentBlockParam, MessageParam, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { AgentId } from '#contract/agents.ts';
import type { ContentBlock, Event } from '#contract/events.ts';
import type { Usage } from '#contract/runs.ts';

export interface ToolUse {
  id: string;
  name: string;
  input: unknown;
}

export interface PendingCall extends ToolUse {
  /** Among the calls of its answer, from 0. */
  position: number;
  /** Started, but its end was never recorded. */
  begun: boolean;
  /** The answer ended at the output limit in the middle of this call: its input may be half of what was meant. */
  cut: boolean;
}

export interface History {
  messages: MessageParam[];
  /** Length of the messages as JSON. */
  bytes: number;
  /** Calls of the last answer that have no result yet, in order. */
  pending: PendingCall[];
  /** Answers in a row that were cut at the output limit with nothing to do in them. */
  cutAnswers: number;
  /** The last request that was counted: length of its messages as JSON, and the prompt tokens that it came to. */
  lastRequest: { bytes: number; tokens: number } | null;
  /** Of the last answer: its id, and when it came in milliseconds since the epoch. Null: not known, or none yet. */
  lastId: string | null;
  lastAnswerAt: number | null;
  /** Stop reason of the last answer; null before the first one or when something was added after it. */
  stopReason: string | null;
  /** Answers in the whole session. */
  turns: number;
  /** Answers since the routine's prompt or the last comments of a person. */
  turnsOfThisGo: number;
  /** Milliseconds of work since then, without the time in which no host ran, or a loop or a person was waited for. */
  workedMs: number;
  /** What was proposed since anybody last said something to the session, if anything was. */
  proposing: unknown;
  /** Text of the last answer. */
  lastText: string;
  /** The task, then what a person has said since, oldest first. */
  said: string[];
  /** What instruction files told the model, oldest first; a summary leaves them as they are. */
  instructions: string[];
  /** There is a skill that the model may call. */
  skilled: boolean;
  /** It may start subagents, and has somebody to ask for advice. */
  crewed: boolean;
  advised: boolean;
  /** Of a subagent: its tools. Null: all that there are. */
  only: readonly string[] | null;
  /** What was given of skills, by name, the latest last; a summary leaves it as it is. */
  usedSkills: Map<string, string>;
  /** Summaries that have taken the place of what was before. */
  compactions: number;
  /** Answers in a row without a word. */
  emptyAnswers: number;
}

const standsStill: ReadonlySet<Event['type']> = new Set(['run.waiting', 'run.parked', 'run.held', 'turn.waiting']);
const endsWaiting: ReadonlySet<Event['type']> = new Set(['run.resumed', 'message.added', 'turn.started', 'run.ended']);

/**
 * Folds a run's committed events, oldest first, into its history, or into that of its subagent `own`. `history` is alive:
 * each `apply` extends it.
 */
export function createHistory(own?: AgentId): { history: Readonly<History>; apply(event: Event): void } {
  const history: History = {
    messages: [],
    bytes: 0,
    pending: [],
    cutAnswers: 0,
    lastRequest: null,
    lastId: null,
    lastAnswerAt: null,
    stopReason: null,
    turns: 0,
    turnsOfThisGo: 0,
    workedMs: 0,
    proposing: null,
    lastText: '',
    said: [],
    instructions: [],
    ...{ skilled: false, crewed: false, advised: false, only: null },
    usedSkills: new Map(),
    compactions: 0,
    emptyAnswers: 0,
  };
  /** Instructions that came while calls were open: the API wants the results first. */
  let held: string[] = [];
  let results: { position: number; block: ToolResultBlockParam }[] = [];
  let previous: Event | null = null;
  /** The model has nothing to do until a loop fires or a person answers. */
  let waiting = false;

  const push = (message: MessageParam) => {
    history.messages.push(message);
    history.bytes += Buffer.byteLength(JSON.stringify(message));
  };

  /** The request that was just answered, or half answered, held the messages of this moment. */
  function asked({ input, cacheRead, cacheWrite }: Usage): void {
    const tokens = input + cacheRead + cacheWrite;
    // A server that counts nothing has told nothing: the next prompt is reckoned by its bytes.
    history.lastRequest = tokens > 0 ? { bytes: history.bytes, tokens } : null;
  }

  function answered(event: Extract<Event, { type: 'message.finished' }>): void {
    asked(event.usage);
    history.turns = event.turn;
    history.lastId = event.id ?? null;
    history.lastAnswerAt = Date.parse(event.at);
    history.turnsOfThisGo++;
    history.stopReason = event.stopReason;
    history.lastText = textOf(event.content);
    history.emptyAnswers = history.lastText === noAnswer ? history.emptyAnswers + 1 : 0;
    // Whoever goes on after a refusal, does so as if nothing had been said: with it in the history, every answer is one.
    if (event.stopReason === 'refusal') return;
    push({ role: 'assistant', content: event.content as unknown as ContentBlockParam[] });
    const calls = toolUses(event.content);
    const cut = cutShort.has(event.stopReason);
    history.pending = calls.map((call, position) => ({
      ...{ ...call, position, begun: false },
      cut: cut && position === calls.length - 1,
    }));
    history.cutAnswers = cut && calls.length === 0 ? history.cutAnswers + 1 : 0;
    results = [];
  }

  function toolFinished(event: Extract<Event, { type: 'tool.finished' }>): void {
    const call = history.pending.find((each) => each.id === event.call);
    if (!call) return;
    if (call.name === 'Propose' && event.ok) history.proposing = call.input;
    if (call.name === 'Skill' && event.ok && event.code === null) used(skillOf(call.input), event.text);
    history.pending = history.pending.filter((each) => each !== call);
    const refused = event.ok ? {} : { is_error: true };
    const block = { type: 'tool_result' as const, tool_use_id: event.call, content: event.text, ...refused };
    results.push({ position: call.position, block });
    if (history.pending.length > 0) return;
    push({ role: 'user', content: results.sort((a, b) => a.position - b.position).map((result) => result.block) });
    for (const text of held) push({ role: 'user', content: [{ type: 'text', text }] });
    held = [];
  }

  function added(event: Extract<Event, { type: 'message.added' }>): void {
    push({ role: 'user', content: [{ type: 'text', text: event.text }] });
    history.stopReason = null;
    history.proposing = null;
    if (event.from === 'person' || history.said.length === 0) history.said.push(event.text);
    if (event.from === 'nightshift') return;
    history.turnsOfThisGo = 0;
    history.workedMs = 0;
  }

  function used(name: string, text: string): void {
    history.usedSkills.delete(name);
    history.usedSkills.set(name, text);
  }

  function instructed({ text, skills = [], ...more }: Extract<Event, { type: 'instructions.loaded' }>): void {
    history.crewed ||= (more.agents ?? []).length > 0;
    history.advised ||= more.advisor !== undefined;
    history.skilled ||= skills.some(({ calledBy }) => calledBy.includes('agent'));
    if (text === '') return;
    history.instructions.push(text);
    if (history.pending.length > 0) held.push(text);
    else push({ role: 'user', content: [{ type: 'text', text }] });
  }

  /** The question stays the same, so what the last answer wants of us does, too. */
  function dropThinking(): void {
    const { stopReason } = history;
    replace(withoutThinking(history.messages));
    history.stopReason = stopReason;
  }

  function replace(messages: MessageParam[]): void {
    history.messages = messages;
    history.bytes = messages.reduce((sum, message) => sum + Buffer.byteLength(JSON.stringify(message)), 0);
    history.lastRequest = null;
    // Nothing of what was sent before can be read from the cache, which is no miss.
    history.lastId = null;
    history.lastAnswerAt = null;
    history.stopReason = null;
  }

  function countTime(event: Event): void {
    if (previous && !waiting && event.type !== 'run.resumed' && event.type !== 'run.started')
      history.workedMs += Date.parse(event.at) - Date.parse(previous.at);
    previous = event;
    // While one waits, others may work.
    if (event.agent !== own) return;
    if (standsStill.has(event.type)) waiting = true;
    else if (endsWaiting.has(event.type)) waiting = false;
  }

  function apply(event: Event): void {
    countTime(event);
    if (event.agent === own && !said(event)) changed(event);
  }

  /** False: it is no part of the conversation. */
  function said(event: Event): boolean {
    if (event.type === 'message.added') added(event);
    else if (event.type === 'instructions.loaded') instructed(event);
    else if (event.type === 'skill.handed_over') {
      push({ role: 'user', content: [{ type: 'text', text: event.text }] });
      used(event.name, event.text);
    } else if (event.type === 'message.finished') answered(event);
    else if (event.type === 'tool.finished') toolFinished(event);
    else return false;
    return true;
  }

  function changed(event: Event): void {
    if (event.type === 'agent.started') history.only = event.tools;
    else if (event.type === 'answer.lost') asked(event.usage);
    else if (event.type === 'model.switched') replace(withoutThinking(history.messages));
    else if (event.type === 'thinking.dropped') dropThinking();
    else if (event.type === 'history.compacted') {
      replace(
        [...history.instructions, event.text].map((text) => ({ role: 'user', content: [{ type: 'text', text }] })),
      );
      held = [];
      history.compactions++;
    } else if (event.type === 'tool.started')
      history.pending = history.pending.map((call) => (call.id === event.call ? { ...call, begun: true } : call));
  }
  return { history, apply };
}

function skillOf(input: unknown): string {
  return String((input as { skill?: unknown } | null)?.skill ?? '').replace(/^\//, '');
}

/** What is committed in place of an answer without content, which cannot be sent back to the API. */
export const noAnswer = '(no answer)';

/** The answer ended before its last part did. */
const cutShort: ReadonlySet<string> = new Set(['max_tokens', 'model_context_window_exceeded']);

const isThinking = ({ type }: { type: string }) => type === 'thinking' || type === 'redacted_thinking';

/** Thinking belongs to the model that made it and to exactly what came before it. */
function withoutThinking(messages: readonly MessageParam[]): MessageParam[] {
  return messages.map((message) => {
    if (message.role !== 'assistant' || typeof message.content === 'string') return message;
    const content = message.content.filter((block) => !isThinking(block));
    if (content.length === message.content.length) return message;
    return { ...message, content: content.length > 0 ? content : [{ type: 'text' as const, text: noAnswer }] };
  });
}

/** Blocks of thinking in the history. */
export function countThinking({ messages }: Pick<History, 'messages'>): number {
  const blocks = messages.flatMap(({ role, content }) =>
    role === 'assistant' && typeof content !== 'string' ? content : [],
  );
  return blocks.filter(isThinking).length;
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
