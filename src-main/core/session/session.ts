/** The conversation with the model: stream an answer, do its tool calls, again, until it ends or a limit is met. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { ContentBlock, Event } from '#contract/events.ts';
import { Fault, type FaultCode } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Usage } from '#contract/runs.ts';
import { costMicros } from '#core/budget/prices.ts';
import type { Purse, Reservation } from '#core/budget/purse.ts';
import type { Inspect } from '#core/permissions/injection-probe.ts';
import type { Judge } from '#core/permissions/judge.ts';
import type { Clock, Hands, Ids, ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { apiTools } from '#core/tools/toolbox.ts';
import { type Asked, createAsked } from './asked.ts';
import { cacheMiss } from './cache.ts';
import { compact, nearlyFull } from './compact.ts';
import { type Countable, type Counted, countPrompt, withCount } from './count.ts';
import { createHistory, type History, noAnswer, toolUses } from './history.ts';
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
  purse: Purse;
  hands: Hands;
  run: string;
  /** What would leave the machine is recorded instead of done. Absent: an ordinary run. */
  trial?: boolean;
  spec: RoutineSpec;
  signal: AbortSignal;
}

/** How a session ended. `limit`: at a clean point, with the work kept. `parked`: for now; its question is stored. */
export type SessionEnd =
  | { kind: 'parked'; question: string }
  | { kind: 'finished'; proposing: unknown; lastText: string }
  | { kind: 'limit'; code: FaultCode; message: string; cure: string; proposing: unknown; lastText: string };

/** A broken stream is asked for again this often in a row; the API's own retries come on top. */
const brokenStreams = 2;

/**
 * Works until the model proposes, or ends its turn with no loop that begins another, or until a limit. The event log is the only state, so a session that
 * died continues by calling this again. Throws `model.*`, `sandbox.died`; aborting throws `run.stopped`.
 */
export async function runSession(parts: SessionParts): Promise<SessionEnd> {
  const { store, run } = parts;
  const { history, apply: extend } = createHistory();
  const { loops, apply: turnLoops } = createLoops();
  const { asked, apply: ask } = createAsked();
  const apply = (event: Event) => {
    extend(event);
    turnLoops(event);
    ask(event);
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
    throw error;
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
  const system = systemPrompt(spec);
  const prefixBytes = Buffer.byteLength(JSON.stringify([system, apiTools]));
  let broken = 0;
  let counted: Counted | null = null;
  for (;;) {
    mayGoOn(signal, asked);
    const call = history.pending[0];
    if (call) {
      const question = await doCall({ ...parts, loops: book, asked }, history.turns, call);
      if (question) return { kind: 'parked', question: question.id };
      continue;
    }
    const move = nextMove(parts, withCount(history, counted), loops, asked, prefixBytes);
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
        broken = await answer({ ...parts, asked }, history, system, move, broken);
        break;
      case 'compact':
        await compact({ ...parts, asked, loops }, history, system, move);
        break;
      default:
        return move;
    }
  }
}

type Move =
  | SessionEnd
  | { kind: 'nudge'; text: string }
  /** Nothing to do until a loop fires, or until money is free again. */
  | { kind: 'rest' }
  | { kind: 'wait' }
  /** By its bytes the prompt could be too dear: what does it really come to? */
  | { kind: 'count' }
  | { kind: 'ask'; tokens: number; worst: number }
  | { kind: 'compact'; tokens: number; worst: number; full: boolean };

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

/**
 * One answer, committed. Gives how many streams have now broken in a row: 0, or one more than `broken`; what a broken
 * one cost is recorded, and it may be asked for again.
 */
async function answer(
  parts: SessionParts & { asked: Readonly<Asked> },
  history: Readonly<History>,
  system: string,
  { tokens: maxTokens, worst }: { tokens: number; worst: number },
  broken: number,
): Promise<number> {
  const { store, model, run, spec, signal, purse, asked } = parts;
  const turn = history.turns + 1;
  const reservation = store.commit((writer) => {
    writer.append({ type: 'turn.started', run, turn });
    return purse.reserve(writer, payerOf(parts, asked), 'session', worst);
  });
  const request = {
    system,
    tools: apiTools,
    messages: history.messages,
    maxTokens,
    effort: spec.effort,
    previous: history.lastId,
  };
  const lost = lostAnswer(parts, turn, reservation);
  try {
    for await (const chunk of model.stream(request, signal)) {
      if (chunk.kind === 'began') lost.began(chunk.usage);
      else if (chunk.kind === 'delta') {
        lost.grew(chunk.text);
        store.tell({ kind: 'delta', run, turn, channel: chunk.channel, text: chunk.text });
      } else if (chunk.kind === 'retrying') retrying(store, run, turn, chunk.attempt, chunk.status, chunk.message);
      else {
        finished(parts, turn, chunk.message, reservation, cacheMiss(history, chunk.message, parts.clock.now()));
        return 0;
      }
    }
    throw new Fault('model.stream_broken', 'The answer ended without its last part.');
  } catch (error) {
    // The answer itself is recorded already when it was a refusal or made no sense.
    if (history.turns < turn) lost.charge();
    if (broken === brokenStreams || signal.aborted || !(error instanceof Fault) || error.code !== 'model.stream_broken')
      throw error;
    retrying(store, run, turn, broken + 1, null, error.message);
    return broken + 1;
  }
}

/** What an answer that never came to its end has cost: its prompt as the API said, its output at a token for each byte. */
function lostAnswer({ store, model, run }: SessionParts, turn: number, reservation: Reservation) {
  let usage: Usage | null = null;
  let bytes = 0;
  return {
    began(known: Usage) {
      usage = known;
    },
    grew(text: string) {
      bytes += Buffer.byteLength(text);
    },
    charge() {
      if (!usage) return store.commit((writer) => reservation.settle(writer, 0));
      const paid = { ...usage, output: Math.max(usage.output, bytes) };
      const micros = model.rehearsal ? 0 : costMicros(model.id, paid);
      store.commit((writer) => {
        writer.append({ type: 'answer.lost', run, turn, usage: paid, costMicros: micros });
        reservation.settle(writer, micros);
      });
    },
  };
}

/** Throws `model.refused` and `model.stopped_oddly`, after the answer and its cost are recorded. */
function finished(
  parts: SessionParts,
  turn: number,
  message: Message,
  reservation: Reservation,
  missed: string | undefined,
): void {
  const usage: Usage = {
    input: message.usage.input_tokens,
    output: message.usage.output_tokens,
    cacheRead: message.usage.cache_read_input_tokens ?? 0,
    cacheWrite: message.usage.cache_creation_input_tokens ?? 0,
  };
  const stopReason = message.stop_reason ?? 'none';
  const content = message.content as unknown as ContentBlock[];
  const cost = parts.model.rehearsal ? 0 : costMicros(parts.model.id, usage);
  parts.store.commit((writer) => {
    reservation.settle(writer, cost);
    writer.append({
      type: 'message.finished',
      run: parts.run,
      turn,
      // An answer without content cannot be sent back to the API.
      content: content.length > 0 ? content : [{ type: 'text', text: noAnswer }],
      stopReason,
      usage,
      costMicros: cost,
      ...(message.id ? { id: message.id } : {}),
      ...(missed ? { cacheMiss: missed } : {}),
    });
  });
  if (stopReason === 'refusal') throw refused(message.stop_details);
  const calls = toolUses(content).map((call) => call.id);
  if (new Set(calls).size < calls.length)
    throw new Fault('model.stopped_oddly', 'The model used one id for two tool calls.', {
      cure: 'Run it again; if it happens every time, the model server does not speak the protocol: choose another one.',
    });
}

function retrying(
  store: Store,
  run: string,
  turn: number,
  attempt: number,
  status: number | null,
  message: string,
): void {
  store.commit((writer) => writer.append({ type: 'model.retrying', run, turn, attempt, status, message }));
}

function rest(history: Readonly<History>): { proposing: unknown; lastText: string } {
  return { proposing: history.proposing, lastText: history.lastText };
}
