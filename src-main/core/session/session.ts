/** The conversation with the model: stream an answer, do its tool calls, again, until it ends or a limit is met. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { ContentBlock, Event } from '#contract/events.ts';
import { Fault, type FaultCode } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { noUsage } from '#contract/runs.ts';
import { brokenOff } from '#core/budget/failed-try.ts';
import { type Bill, meterFor } from '#core/budget/meter.ts';
import type { Purse, Reservation } from '#core/budget/purse.ts';
import { noTries, tryOnce } from '#core/budget/retries.ts';
import type { HandOver } from '#core/instructions/hand-over.ts';
import type { Inspect } from '#core/permissions/injection-probe.ts';
import type { Judge } from '#core/permissions/judge.ts';
import type { Clock, Hands, Ids, Place, ResolvedModel } from '#core/ports.ts';
import type { SkillBook } from '#core/skills/book.ts';
import type { Store } from '#core/store/event-log.ts';
import { apiTools, type OwnTools } from '#core/tools/toolbox.ts';
import { type Asked, createAsked } from './asked.ts';
import { cacheMiss } from './cache.ts';
import { compact, nearlyFull } from './compact.ts';
import { type Countable, type Counted, countPrompt, withCount } from './count.ts';
import { createHistory, type History, noAnswer, toolUses } from './history.ts';
import { holdFor } from './hold.ts';
import { itsTurn } from './its-turn.ts';
import { type Deadline, deadline, payerOf, roomForAnswer, timeLimit } from './limits.ts';
import { createLoopBook } from './loop-book.ts';
import { createLoops, type Loops } from './loops.ts';
import { type Mended, mend } from './mend.ts';
import { systemPrompt } from './prompt.ts';
import { stopFor } from './stand-still.ts';
import { afterStop, refused } from './stop-reasons.ts';
import { doCall } from './tool-call.ts';
import { fireOrWait, willFire } from './wait.ts';

export interface SessionParts {
  store: Store;
  clock: Clock;
  ids: Ids;
  model: ResolvedModel;
  /** The model that goes on when this one refuses; null: none. */
  fallback?: () => Promise<ResolvedModel | null>;
  /** Of the rules that this go works by. */
  judge: Judge;
  /** Looks through what a call brought back. Left out: by signs alone. */
  inspect?: Inspect;
  /** Left out: nothing can be called. */
  skills?: SkillBook;
  /** Left out: no instruction files beside those of the beginning. */
  handOver?: HandOver;
  purse: Purse;
  hands: Hands;
  /** Does a tool call, or asks, and commits what came of it. Left out: gate and hands do; a replay reads it from its tape. */
  doCall?: typeof doCall;
  /** Path of the worktree inside the sandbox; `/workspace` when left out. */
  seenAt?: string;
  /** Of a program that embeds the agent; left out: the tools of a run. */
  own?: OwnTools;
  /** What the model is told before all else, constant for a session; left out: how a run works. */
  system?: string;
  run: string;
  /** What would leave the machine is recorded instead of done. Absent: an ordinary run. */
  trial?: boolean;
  spec: RoutineSpec;
  signal: AbortSignal;
}

/** How a session ended. `limit`: at a clean point, with the work kept. `parked`: for now; its question is stored. */
export type SessionEnd =
  | { kind: 'parked'; question: string }
  /** For now, until a limit of the account lifts; that is stored. */
  | { kind: 'held'; until: string }
  | { kind: 'finished'; proposing: unknown; lastText: string }
  | { kind: 'limit'; code: FaultCode; message: string; cure: string; proposing: unknown; lastText: string };

/**
 * Works until the model proposes, or ends its turn with no loop that begins another, or until a limit. The event log is the only state, so a session that
 * died continues by calling this again. Throws `model.*`, `sandbox.died`; aborting throws `run.stopped`.
 */
export async function runSession(parts: SessionParts): Promise<SessionEnd> {
  const { store, run } = parts;
  const { history, apply: extend } = createHistory();
  if (parts.own) Object.assign(history, { own: parts.own });
  const { loops, apply: turnLoops } = createLoops();
  const { asked, apply: ask } = createAsked();
  const apply = (event: Event) => {
    extend(event);
    turnLoops(event);
    ask(event);
    parts.handOver?.apply(event);
  };
  for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
  const deaf = store.listen((item) => {
    if (item.kind === 'event' && 'run' in item.event && item.event.run === run) apply(item.event);
  });
  const time = deadline(parts, history);
  try {
    return await converse({ ...parts, signal: time.signal }, history, loops, asked, time);
  } catch (error) {
    if (parts.signal.aborted) throw new Fault('run.stopped', 'A person stopped the run.');
    if (time.signal.aborted) return { kind: 'limit', ...timeLimit(parts.spec), ...rest(history) };
    return { kind: 'held', ...holdFor(parts, error) };
  } finally {
    time.rest();
    deaf();
  }
}

/** Goes on after what can be mended; what cannot is thrown. */
async function converse(
  parts: SessionParts,
  history: Readonly<History>,
  loops: Readonly<Loops>,
  asked: Readonly<Asked>,
  time: Deadline,
): Promise<SessionEnd> {
  let mended: Mended = { model: parts.model, fullAt: null };
  for (;;) {
    try {
      return await talk({ ...parts, ...mended }, history, loops, asked, time);
    } catch (error) {
      mended = await mend({ ...parts, ...mended }, history, error);
    }
  }
}

async function talk(
  parts: SessionParts & Mended,
  history: Readonly<History>,
  loops: Readonly<Loops>,
  asked: Readonly<Asked>,
  time: Deadline,
): Promise<SessionEnd> {
  const { store, spec, run, signal } = parts;
  const book = createLoopBook({ ...parts, timeZone: spec.timeZone, loops });
  const system = parts.system ?? systemPrompt(spec, parts.seenAt);
  const prefixBytes = Buffer.byteLength(JSON.stringify([system, apiTools(history)]));
  let tries = noTries;
  let counted: Counted | null = null;
  let place: Place | null = null;
  const leave = () => {
    place?.leave();
    place = null;
  };
  try {
    for (;;) {
      mayGoOn(signal, asked);
      const call = history.pending[0];
      if (call) {
        const doing = parts.doCall ?? doCall;
        const question = await doing({ ...callable(parts, history), loops: book, asked }, history.turns, call);
        if (question) return { kind: 'parked', question: question.id };
        continue;
      }
      if (history.stopReason === 'tool_use') await parts.handOver?.catchUp();
      const move = nextMove(parts, withCount(history, counted), loops, asked, prefixBytes);
      const asks = move.kind === 'ask' || move.kind === 'compact';
      if (asks && !place && parts.model.enter) {
        place = await itsTurn(parts, history, prefixBytes, time);
        // Others may have spent meanwhile: what may be asked is seen anew, and nothing is waited for before it is.
        continue;
      }
      if (!asks) leave();
      switch (move.kind) {
        case 'nudge':
          store.commit((writer) => writer.append({ type: 'message.added', run, text: move.text, from: 'nightshift' }));
          break;
        case 'rest':
          await fireOrWait(parts, loops, time);
          break;
        case 'count':
          counted = await countPrompt(parts, history, system);
          break;
        case 'wait':
          await parts.purse.freed(signal);
          break;
        case 'ask':
          tries = await tryOnce(parts, tries, { turn: history.turns + 1 }, signal, () =>
            answer({ ...parts, asked }, history, system, move).finally(leave),
          );
          break;
        case 'compact':
          tries = await tryOnce(parts, tries, { turn: history.turns + 1, purpose: 'compaction' }, signal, () =>
            compact({ ...parts, asked, loops }, history, system, move).finally(leave),
          );
          break;
        default:
          return move;
      }
    }
  } finally {
    leave();
  }
}

/** Without skills where the model has not got the tool for them. */
function callable({ skills, ...parts }: SessionParts, { skilled }: Readonly<History>): SessionParts {
  return skilled && skills ? { ...parts, skills } : parts;
}

type Move =
  | SessionEnd
  | { kind: 'nudge'; text: string }
  /** Nothing to do until a loop fires, or until money is free again. */
  | { kind: 'rest' }
  | { kind: 'wait' }
  /** By its bytes the prompt could be too dear: what does it really come to? */
  | { kind: 'count' }
  | ({ kind: 'ask' } & Paid)
  | ({ kind: 'compact'; full: boolean } & Paid);

/** How long the answer may be, and in millionths of a dollar what it then costs at worst, its prompt's part apart. */
interface Paid {
  tokens: number;
  worst: number;
  prompt: number;
}

/** What comes after an answer whose calls are all done. */
function nextMove(
  parts: SessionParts & Mended,
  history: Readonly<Countable>,
  loops: Readonly<Loops>,
  asked: Readonly<Asked>,
  prefixBytes: number,
): Move {
  if (history.proposing) return { kind: 'finished', ...rest(history) };
  const verdict = afterStop(history);
  if (verdict.kind === 'finished' && !willFire(parts, loops)) return { kind: 'finished', ...rest(history) };
  if (verdict.kind === 'nudge') return verdict;
  const room = roomForAnswer(parts, history, asked, prefixBytes);
  if (room.kind === 'limit' && room.scope && parts.model.count && !history.counted) return { kind: 'count' };
  const stop = stopFor(parts, asked, room.kind === 'limit' ? room : null);
  if (stop?.kind === 'parked') return stop;
  if (stop) return { ...stop, ...rest(history) };
  if (room.kind !== 'room') return { kind: 'wait' };
  // Only with turns and money left is there anything to wait for.
  if (verdict.kind === 'finished') return { kind: 'rest' };
  const full = parts.fullAt === history.compactions;
  if (full || verdict.kind === 'compact' || nearlyFull(history, parts.model)) return { ...room, kind: 'compact', full };
  return { ...room, kind: 'ask' };
}

/** Throws when a person or the clock has ended the session. */
function mayGoOn(signal: AbortSignal, asked: Readonly<Asked>): void {
  signal.throwIfAborted();
  if (asked.stopped) throw new Fault('run.stopped', 'A person stopped the run while it waited for an answer.');
}

/** One answer, committed. One that was lost is paid for and thrown as a failed try, and may be asked for again. */
async function answer(
  parts: SessionParts & { asked: Readonly<Asked> },
  history: Readonly<History>,
  system: string,
  { tokens: maxTokens, worst, prompt }: Paid,
): Promise<void> {
  const { store, model, run, spec, signal, purse, asked } = parts;
  const turn = history.turns + 1;
  const reservation = store.commit((writer) => {
    writer.append({ type: 'turn.started', run, turn });
    return purse.reserve(writer, payerOf(parts, asked), 'session', worst);
  }, 'kill');
  const request = {
    system,
    tools: apiTools(history),
    messages: history.messages,
    maxTokens,
    effort: spec.effort,
    previous: history.lastId,
    // What was reserved for the last answer still stands on the disk, at its worst, while this one's is on its way there.
    ready: store.keepUp(),
  };
  const meter = meterFor(run, 'session', model.rates, prompt);
  try {
    for await (const chunk of model.stream(request, signal)) {
      meter.hear(chunk);
      if (chunk.kind === 'delta') store.tell({ kind: 'delta', run, turn, channel: chunk.channel, text: chunk.text });
      if (chunk.kind === 'message')
        return finished(
          ...([parts, turn, chunk.message, meter.whole(chunk.message), reservation] as const),
          cacheMiss(history, chunk.message, parts.clock.now()),
        );
    }
    throw brokenOff('The answer ended without its last part.');
  } catch (error) {
    // The answer itself is recorded already when it was a refusal or made no sense.
    if (history.turns < turn) lost(parts, turn, meter.lost(error), reservation);
    throw error;
  }
}

function lost({ store, run }: SessionParts, turn: number, bill: Bill, reservation: Reservation): void {
  const { usage, counted, presumed, all } = bill;
  store.commit((writer) => {
    if (usage) writer.append({ type: 'answer.lost', run, turn, usage, costMicros: counted });
    if (presumed) writer.append(presumed);
    reservation.settle(writer, all);
  });
}

/** Throws `model.refused` and `model.stopped_oddly`, after the answer and its cost are recorded. */
function finished(
  { store, run }: SessionParts,
  turn: number,
  message: Message,
  { usage, counted, presumed, all }: Bill,
  reservation: Reservation,
  missed: string | undefined,
): void {
  const stopReason = message.stop_reason ?? 'none';
  const content = message.content as unknown as ContentBlock[];
  // What follows waits for the disk: a call, the next question or the end. Lost before, its reservation counts as spent.
  store.commit((writer) => {
    reservation.settle(writer, all);
    if (presumed) writer.append(presumed);
    writer.append({
      type: 'message.finished',
      run,
      turn,
      // An answer without content cannot be sent back to the API.
      content: content.length > 0 ? content : [{ type: 'text', text: noAnswer }],
      stopReason,
      usage: usage ?? noUsage,
      costMicros: counted,
      ...(message.id ? { id: message.id } : {}),
      ...(missed ? { cacheMiss: missed } : {}),
    });
  }, 'kill');
  if (stopReason === 'refusal') throw refused(message.stop_details);
  const calls = toolUses(content).map((call) => call.id);
  if (new Set(calls).size < calls.length)
    throw new Fault('model.stopped_oddly', 'The model used one id for two tool calls.', {
      cure: 'Run it again; if it happens every time, the model server does not speak the protocol: choose another one.',
    });
}

function rest(history: Readonly<History>): { proposing: unknown; lastText: string } {
  return { proposing: history.proposing, lastText: history.lastText };
}
