/** The model's history, rebuilt from the event log alone: append-only, so that every request extends the one before. */
import type { ContentBlockParam, MessageParam, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { AgentId } from '#contract/agents.ts';
import type { ContentBlock, Event } from '#contract/events.ts';
import type { Pass, Usage } from '#contract/runs.ts';
import { longestPrompt, paidByModel } from '#core/budget/passes.ts';
import { promptAtMost, webAtMost } from '#core/budget/worst.ts';
import { textOf, toolUses, withoutBlankText } from './blocks.ts';
import { farApartFor, isFarApart, keptForAnHour } from './cache.ts';
import { asMessages, emptyHistory, type History, type Offer, type PendingCall } from './conversation.ts';
import { createCrewTime } from './crew-time.ts';
import { bytesOf, imageBlock } from './images.ts';
import { leftOutCode } from './left-out.ts';
import { createMarks } from './marks.ts';
import { noAnswer } from './no-answer.ts';
import { countThinking, withoutThinking } from './thinking.ts';
import { hasOpenUse, openUses, webUsesIn, withoutOpenUse } from './web-use.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

/** Tokens that a tool may take that the model is given in between. */
const changedTools = 1_000;

const standsStill: ReadonlySet<Event['type']> = new Set(['run.waiting', 'run.parked', 'run.held', 'turn.waiting']);
const endsWaiting: ReadonlySet<Event['type']> = new Set(['run.resumed', 'message.added', 'turn.started', 'run.ended']);

/**
 * Folds a run's committed events, oldest first, into its history, or into that of its subagent `own`. `history` is alive:
 * each `apply` extends it.
 */
export function createHistory(own?: AgentId): {
  history: Readonly<History>;
  apply(event: Event): void;
  /** As it was when everything of the turn was done; null: that turn is not whole, or there is none. */
  after(turn: number): History | null;
} {
  const history = emptyHistory();
  let results: { position: number; block: ToolResultBlockParam }[] = [];
  let waited: ContentBlock[] = [];
  /** When the last event came, whoever's it was. */
  let previous: number | null = null;
  /** The model has nothing to do until a loop fires or a person answers. */
  let waiting = false;
  /** Only of the run's own minutes is there a limit. */
  const crew = own === undefined ? createCrewTime() : null;

  const push = (message: MessageParam) => {
    history.messages.push(message);
    history.bytes += bytesOf(message);
  };

  /** The API wants nothing but results while calls are open, or while something is still being looked up. */
  const mayBeTold = () => history.pending.length === 0 && !hasOpenUse(history.messages);

  function tellHeld(): void {
    if (!mayBeTold()) return;
    for (const message of asMessages(history.held)) push(message);
    history.held = [];
  }

  function told(text: string): void {
    history.held.push(text);
    tellHeld();
  }

  /** The request that was just answered, or half answered, held the messages of this moment. */
  function asked(usage: Usage, passes?: Pass[]): void {
    // Of several passes each had a prompt of its own; together they are none.
    const tokens = longestPrompt(usage, passes);
    history.cached = usage.cacheRead > 0;
    for (const [model, micros] of paidByModel(passes ?? []))
      history.shares.set(model, Math.max(micros, history.shares.get(model) ?? 0));
    const { tokens: looked, again } = webAtMost(history.offer.web);
    const most = history.lastRequest
      ? promptAtMost(history.bytes, history.lastRequest) + changedTools + looked
      : Number.POSITIVE_INFINITY;
    // Who looks something up reads the whole prompt again, which is counted each time and is no longer prompt.
    history.jumped ||= tokens > most * (1 + again);
    // A server that counts nothing has told nothing: the next prompt is reckoned by its bytes.
    const held = again > 0 ? Math.min(tokens, most) : tokens;
    history.lastRequest = tokens > 0 ? { bytes: history.bytes, tokens: held } : null;
  }

  function answered(event: Of<'message.finished'>): void {
    asked(event.usage, event.passes);
    history.swelling = Math.max(history.swelling, event.usage.output / (event.longest ?? Number.POSITIVE_INFINITY));
    history.lastKeptHour = keptForAnHour(history);
    if (history.lastAnswerAt !== null && isFarApart((history.lastEventAt ?? 0) - history.lastAnswerAt))
      history.hourThrough = event.turn + farApartFor;
    history.turns = event.turn;
    history.lastId = event.id ?? null;
    history.lastAnswerAt = Date.parse(event.at);
    history.turnsOfThisGo++;
    history.stopReason = event.stopReason;
    const cut = cutShort.has(event.stopReason);
    const content = withoutBlankText(cut ? withoutOpenUse(event.content) : event.content, noAnswer);
    history.lastText = textOf(content);
    history.emptyAnswers = history.lastText === noAnswer ? history.emptyAnswers + 1 : 0;
    // Whoever goes on after a refusal, does so as if nothing had been said: with it in the history, every answer is one.
    if (event.stopReason === 'refusal') return;
    push({ role: 'assistant', content: content as unknown as ContentBlockParam[] });
    // What was asked for in an answer that paused comes back in the next.
    const both = [...waited, ...content];
    history.webUses = webUsesIn(both);
    waited = [...openUses(both)];
    const calls = toolUses(event.content);
    history.pending = calls.map((call, position) => ({
      ...{ ...call, position, begun: false },
      cut: cut && position === calls.length - 1,
    }));
    history.cutsInARow = cut ? history.cutsInARow + 1 : 0;
    history.cutAnswers = cut && calls.length === 0 ? history.cutAnswers + 1 : 0;
    results = [];
    tellHeld();
  }

  /** A hook may have given it another input. */
  function begun({ call: id, input }: Of<'tool.started'>): void {
    history.pending = history.pending.map((call) => (call.id === id ? { ...call, input, begun: true } : call));
  }

  /** What counts beyond the conversation. */
  function remember({ name, input }: PendingCall, { ok, code, text, image }: Of<'tool.finished'>): void {
    if (name === 'Propose' && ok) history.proposing = input;
    if (name === 'Propose' && code === leftOutCode) history.offered = input;
    if (name === 'Skill' && ok && code === null) used(skillOf(input), text);
    if (image) history.images++;
  }

  function toolFinished(event: Of<'tool.finished'>): void {
    const call = history.pending.find((each) => each.id === event.call);
    if (!call) return;
    remember(call, event);
    history.pending = history.pending.filter((each) => each !== call);
    const refused = event.ok ? {} : { is_error: true };
    const content = event.image ? [{ type: 'text' as const, text: event.text }, imageBlock(event.image)] : event.text;
    const block = { type: 'tool_result' as const, tool_use_id: event.call, content, ...refused };
    results.push({ position: call.position, block });
    if (history.pending.length > 0) return;
    push({ role: 'user', content: results.sort((a, b) => a.position - b.position).map((result) => result.block) });
    tellHeld();
  }

  function added(event: Of<'message.added'>): void {
    told(event.text);
    history.stopReason = null;
    history.proposing = null;
    history.offered = null;
    if (event.from === 'person' || history.said.length === 0) history.said.push(event.text);
    history.sentOn = 0;
    if (event.from === 'person') {
      history.halted = null;
      history.workedBy = new Set();
    }
    if (event.from === 'nightshift') return;
    history.turnsOfThisGo = 0;
    history.workedMs = 0;
  }

  function used(name: string, text: string): void {
    history.workedBy.add(name);
    history.usedSkills.delete(name);
    history.usedSkills.set(name, text);
  }

  function instructed({ text, occasion, skills = [], ...more }: Of<'instructions.loaded'>): void {
    history.crewed ||= (more.agents ?? []).length > 0;
    history.advised ||= more.advisor !== undefined;
    // Those that are found on the way change no tool: what is there at the beginning stays so.
    history.skilled ||= occasion === 'start' && skills.some(({ calledBy }) => calledBy.includes('agent'));
    lasting(text);
  }

  /** A summary leaves it as it is. */
  function lasting(text: string): void {
    if (text === '') return;
    history.instructions.push(text);
    told(text);
  }

  /** Thinking belongs to the tools that it was made with. */
  function offered({ strict, web }: Offer): void {
    const changed = JSON.stringify(history.offer) !== JSON.stringify({ strict, web });
    history.offer = { strict, web };
    if (changed && countThinking(history) > 0) dropThinking();
  }

  function lookedUp({ call, warning }: Of<'web.used'>): void {
    history.webUses = history.webUses.filter(({ id }) => id !== call);
    // Who has ended its turn hears it with whatever comes next.
    if (warning !== undefined) history.held.push(warning);
  }

  function hooked({ moment, decision, reason, context }: Of<'hook.ran'>): void {
    if (context !== '') told(context);
    if (decision === 'stop') history.halted = reason ?? '';
    if ((moment !== 'Stop' && moment !== 'SubagentStop') || decision !== 'block') return;
    history.stopReason = null;
    history.proposing = null;
    history.sentOn++;
  }

  /** The question stays the same, so what the last answer wants of us does, too. */
  function dropThinking(): void {
    const { stopReason } = history;
    replace(withoutThinking(history.messages));
    history.stopReason = stopReason;
  }

  function replace(messages: MessageParam[]): void {
    history.messages = messages;
    history.bytes = messages.reduce((sum, message) => sum + bytesOf(message), 0);
    history.lastRequest = null;
    // Nothing of what was sent before can be read from the cache, which is no miss.
    history.lastId = null;
    history.lastAnswerAt = null;
    history.stopReason = null;
  }

  /** A loop that will come again says beforehand how far apart its turns are. */
  function willCome(at: string, dueAt: string | null): void {
    if (dueAt !== null && isFarApart(Date.parse(dueAt) - Date.parse(at)))
      history.hourThrough = history.turns + farApartFor;
  }

  function countTime(event: Event, at: number): void {
    if (previous !== null && !history.resting && event.type !== 'run.resumed' && event.type !== 'run.started')
      history.workedMs += at - previous;
    previous = at;
    crew?.apply(event);
    // While one waits, others may work.
    if (event.agent === own && standsStill.has(event.type)) waiting = true;
    else if (event.agent === own && endsWaiting.has(event.type)) waiting = false;
    history.resting = waiting || crew?.allWait === true;
  }

  const marks = createMarks();

  /** Turns go on being counted, so that each number means one turn for ever. */
  function goBack({ turn }: Of<'history.rewound'>): void {
    const { turns, compactions, jumped, swelling, tainted, resting, offer } = history;
    const kept = { turns, compactions, jumped, swelling, tainted, resting, offer };
    const then = marks.at(turn);
    Object.assign(history, then, kept, { pending: [], proposing: null });
    [waited, results] = [[], []];
    // Rules that are others now hold on the way back, too; and thinking belongs to the tools that it was made with.
    if (then && JSON.stringify(then.offer) !== JSON.stringify(offer)) dropThinking();
  }

  function inherit(event: Of<'history.inherited'>): void {
    replace([...event.messages] as unknown as MessageParam[]);
    Object.assign(history, {
      ...{ said: [...event.said], instructions: [...event.instructions], skilled: event.skilled },
      usedSkills: new Map(event.usedSkills.map(({ name, text }) => [name, text])),
    });
  }

  function compacted(text: string): void {
    replace(asMessages([...history.instructions, text]));
    // What stays for good is told again already; anything else that waited is not in the summary.
    history.held = history.held.filter((each) => !history.instructions.includes(each) && !history.said.includes(each));
    tellHeld();
    history.images = 0;
    history.compactions++;
  }

  function apply(event: Event): void {
    const at = Date.parse(event.at);
    countTime(event, at);
    // Whoever it was that was spoken to, it works with the others on the same files and tells them what it found.
    if (event.type === 'run.tainted') history.tainted = true;
    if (event.agent === own) {
      marks.before(event, history);
      (folds[event.type] as ((event: Event) => void) | undefined)?.(event);
      history.lastEventAt = at;
    }
    history.through = event.seq;
  }

  const folds: { [T in Event['type']]?: (event: Extract<Event, { type: T }>) => void } = {
    'agent.started': ({ tools }) => {
      history.only = tools;
    },
    'message.added': added,
    'instructions.loaded': instructed,
    'memory.loaded': ({ text }) => {
      history.remembers = true;
      lasting(text);
    },
    'hook.ran': hooked,
    'skill.handed_over': ({ name, text }) => {
      told(text);
      used(name, text);
    },
    'message.finished': answered,
    'answer.lost': ({ usage }) => asked(usage),
    'run.started': ({ network = null }) => {
      history.network = network;
    },
    'tool.started': begun,
    'tool.finished': toolFinished,
    'model.switched': () => replace(withoutThinking(history.messages)),
    'thinking.dropped': dropThinking,
    'tools.offered': offered,
    'web.used': lookedUp,
    'history.compacted': ({ text }) => compacted(text),
    'history.rewound': goBack,
    'history.inherited': inherit,
    'loop.created': ({ at, dueAt }) => willCome(at, dueAt),
    'loop.scheduled': ({ at, dueAt }) => willCome(at, dueAt),
    'loop.fired': ({ at, nextAt }) => willCome(at, nextAt),
  };
  const after = (turn: number) => {
    marks.take(history);
    return marks.at(turn);
  };
  return { history, apply, after };
}

function skillOf(input: unknown): string {
  return String((input as { skill?: unknown } | null)?.skill ?? '').replace(/^\//, '');
}

/** The answer ended before its last part did. */
const cutShort: ReadonlySet<string> = new Set(['max_tokens', 'model_context_window_exceeded']);
