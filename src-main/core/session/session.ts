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
import { apiTools } from '#core/tools/toolbox.ts';
import { type Asked, createAsked } from './asked.ts';
import { betweenTurns, restUntil, standsOn, systemOf } from './between.ts';
import { cacheMiss } from './cache.ts';
import { compact, nearlyFull } from './compact.ts';
import { type Countable, type Counted, countPrompt, withCount } from './count.ts';
import type { AsThread, Crew, Lead } from './crew.ts';
import { doCalls } from './do-calls.ts';
import { createHistory, type History, noAnswer, toolUses } from './history.ts';
import { holdFor } from './hold.ts';
import { itsTurn } from './its-turn.ts';
import { type Deadline, deadline, payerOf, roomForAnswer, timeLimit } from './limits.ts';
import { createLoopBook } from './loop-book.ts';
import { createLoops, type Loops } from './loops.ts';
import { type Mended, mend } from './mend.ts';
import { stopFor } from './stand-still.ts';
import { afterStop, refused } from './stop-reasons.ts';
import type { doCall } from './tool-call.ts';
import { willFire } from './wait.ts';

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
  run: string;
  /** Left out: the session is the run's own. */
  thread?: AsThread;
  /** Those who work for it, for as long as it goes on. Left out: it works alone. */
  crew?: (lead: Lead) => Crew;
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
  const { store, run, thread } = parts;
  const { history, apply: extend } = createHistory(thread?.id);
  const { loops, apply: turnLoops } = createLoops();
  const { asked, apply: ask } = createAsked(thread?.id);
  const apply = (event: Event) => {
    extend(event);
    ask(event);
    if (event.agent !== thread?.id) return;
    if (!thread) turnLoops(event);
    parts.handOver?.apply(event);
  };
  for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
  const deaf = store.listen((item) => {
    if (item.kind === 'event' && 'run' in item.event && item.event.run === run) apply(item.event);
  });
  // The time of the run is its own session's to watch.
  const time = thread ? { signal: parts.signal, rest() {}, goOn() {} } : deadline(parts, history);
  const crew = parts.crew?.({ store, signal: time.signal });
  try {
    const end = await converse({ ...parts, signal: time.signal, hired: crew }, history, loops, asked, time);
    if (end.kind === 'parked') await crew?.pause();
    return end;
  } catch (error) {
    if (parts.signal.aborted) throw new Fault('run.stopped', 'A person stopped the run.');
    if (time.signal.aborted) return { kind: 'limit', ...timeLimit(parts.spec), ...rest(history) };
    if (thread) throw error;
    await crew?.pause();
    return { kind: 'held', ...holdFor(parts, error) };
  } finally {
    await crew?.stop();
    time.rest();
    deaf();
  }
}

/** As the session works with them. */
type Working = SessionParts & { hired: Crew | undefined };

/** Goes on after what can be mended; what cannot is thrown. */
async function converse(
  parts: Working,
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
  parts: Working & Mended,
  history: Readonly<History>,
  loops: Readonly<Loops>,
  asked: Readonly<Asked>,
  time: Deadline,
): Promise<SessionEnd> {
  const { store, spec, run, signal } = parts;
  const book = createLoopBook({ ...parts, timeZone: spec.timeZone, loops });
  const system = systemOf(parts);
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
        const stands = standsOn(parts, await doCalls({ ...callable(parts, history), loops: book, asked }, history));
        if (stands) return stands;
        continue;
      }
      if (parts.thread?.paused()) return { kind: 'held', until: '' };
      await betweenTurns(parts, history);
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
        case 'rest': {
          const stands = await restUntil(parts, loops, time);
          if (stands) return stands;
          break;
        }
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
function callable({ skills, crew: _, hired, thread, ...parts }: Working, history: Readonly<History>) {
  const { skilled, crewed, advised, only } = history;
  return {
    ...parts,
    tools: { skilled: skilled && skills !== undefined, crewed, advised, only },
    ...(skilled && skills ? { skills } : {}),
    ...(hired ? { crew: hired } : {}),
    ...(thread ? { alone: false } : {}),
  };
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
  parts: Working & Mended,
  history: Readonly<Countable>,
  loops: Readonly<Loops>,
  asked: Readonly<Asked>,
  prefixBytes: number,
): Move {
  if (history.proposing) return { kind: 'finished', ...rest(history) };
  const verdict = afterStop(history);
  if (verdict.kind === 'finished' && !parts.hired?.busy() && !willFire(parts, loops))
    return { kind: 'finished', ...rest(history) };
  if (verdict.kind === 'nudge') return verdict;
  const room = roomForAnswer(parts, history, asked, prefixBytes);
  if (room.kind === 'limit' && room.scope && parts.model.count && !history.counted) return { kind: 'count' };
  const stop = stopFor(parts.thread ? { ...parts, alone: false } : parts, asked, room.kind === 'limit' ? room : null);
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
  });
  const request = {
    system,
    tools: apiTools(history),
    messages: history.messages,
    maxTokens,
    effort: spec.effort,
    previous: history.lastId,
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
  });
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
