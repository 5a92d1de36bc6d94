/** The conversation with the model: stream an answer, do its tool calls, again, until it ends or a limit is met. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { ContentBlock, Event } from '#contract/events.ts';
import { Fault, type FaultCode } from '#contract/faults.ts';
import type { Question } from '#contract/questions.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { noUsage } from '#contract/runs.ts';
import { brokenOff } from '#core/budget/failed-try.ts';
import { type Bill, meterFor } from '#core/budget/meter.ts';
import type { Purse, Reservation } from '#core/budget/purse.ts';
import { noTries, tryOnce } from '#core/budget/retries.ts';
import type { Foreseen } from '#core/budget/surprises.ts';
import type { Hooks } from '#core/hooks/hooks.ts';
import { compacts, mayStop, starts } from '#core/hooks/moments.ts';
import type { HandOver } from '#core/instructions/hand-over.ts';
import type { Inspect } from '#core/permissions/injection-probe.ts';
import type { Judge } from '#core/permissions/judge.ts';
import type { Clock, Hands, Ids, Place, ResolvedModel } from '#core/ports.ts';
import type { SkillBook } from '#core/skills/book.ts';
import type { Store } from '#core/store/event-log.ts';
import type { MemoryBook } from '#core/tools/memory.ts';
import { type Having, runTools, type ToolSet } from '#core/tools/toolbox.ts';
import { parkOn } from './ask.ts';
import { type Asked, createAsked } from './asked.ts';
import { cacheMiss, keptForAnHour } from './cache.ts';
import { compact, nearlyFull } from './compact.ts';
import { type Countable, type Counted, countPrompt, withCount } from './count.ts';
import type { AsThread, Crew, Lead } from './crew.ts';
import { type CutIn, createCutIn, interrupted } from './cut-in.ts';
import { doCalls } from './do-calls.ts';
import { createHistory, type History, toolUses } from './history.ts';
import { holdFor } from './hold.ts';
import { itsTurn } from './its-turn.ts';
import { type Affordable, type Deadline, deadline, payerOf, roomForAnswer, timeLimit } from './limits.ts';
import { createLoopBook } from './loop-book.ts';
import { createLoops, type Loops } from './loops.ts';
import { type Mended, mend } from './mend.ts';
import { noAnswer } from './no-answer.ts';
import { closeWeb, offeredTools } from './offer.ts';
import { systemPrompt } from './prompt.ts';
import { createSpoken, type Spoken, tell } from './spoken.ts';
import { stopFor } from './stand-still.ts';
import { afterStop, refused } from './stop-reasons.ts';
import type { doCall } from './tool-call.ts';
import { fireOrWait, willFire } from './wait.ts';
import { hasOpenUse, recordWebUse } from './web-use.ts';

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
  /** Left out: the run has none. */
  memory?: MemoryBook;
  /** Left out: no instruction files beside those of the beginning. */
  handOver?: HandOver;
  /** Left out: none. */
  hooks?: Hooks;
  purse: Purse;
  hands: Hands;
  /** Does a tool call, or asks, and commits what came of it. Left out: gate and hands do; a replay reads it from its tape. */
  doCall?: typeof doCall;
  /** The same for what the model's address looked up. */
  recordWebUse?: typeof recordWebUse;
  /** Path of the worktree inside the sandbox; `/workspace` when left out. */
  seenAt?: string;
  /** What the agent has to work with; left out: the tools of a run. */
  tools?: ToolSet;
  /** What the model is told before all else; left out: how a run works. Constant for a session. */
  system?: string;
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
  const { spoken, apply: speak } = createSpoken();
  const cutIn = createCutIn();
  const apply = (event: Event) => {
    extend(event);
    ask(event);
    if (event.agent !== thread?.id) return;
    // What a person says is said to the run's own agent, and so are its loops.
    if (!thread) {
      turnLoops(event);
      speak(event);
    }
    parts.handOver?.apply(event);
  };
  for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
  const deaf = store.listen((item) => {
    if (item.kind !== 'event' || !('run' in item.event) || item.event.run !== run) return;
    apply(item.event);
    if (!thread) cutIn.hear(item.event);
  });
  // The time of the run is its own session's to watch.
  const time = thread ? { signal: parts.signal, rest() {}, goOn() {} } : deadline(parts, history);
  const crew = parts.crew?.({ store, signal: time.signal });
  try {
    const working = { ...parts, signal: time.signal, spoken, cutIn, hired: crew };
    const end = await converse(working, history, loops, asked, time);
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

/** As the session works: with those who work for it, and a person's way into it. */
interface Working extends SessionParts {
  hired: Crew | undefined;
  spoken: Readonly<Spoken>;
  cutIn: CutIn;
}

/** Goes on after what can be mended, and after a person has cut in; what cannot be mended is thrown. */
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
      const signal = AbortSignal.any([parts.signal, parts.cutIn.begin()]);
      return await talk({ ...parts, ...mended, signal }, history, loops, asked, time);
    } catch (error) {
      if (!parts.cutIn.happened || parts.signal.aborted) mended = await mend({ ...parts, ...mended }, history, error);
      else {
        interrupted(parts, history);
        time.goOn();
      }
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
  const { store, spec, run, signal, hired: crew } = parts;
  const book = createLoopBook({ ...parts, timeZone: spec.timeZone, loops });
  const { tools = runTools } = parts;
  const system = () => parts.thread?.system ?? parts.system ?? systemPrompt(spec, parts.seenAt, history.offer.web);
  const prefixBytes = Buffer.byteLength(JSON.stringify([system(), offeredTools(history, tools)]));
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
      if (await lookThrough(parts, history)) continue;
      const call = history.pending[0];
      if (call) {
        const still = await doCalls({ ...callable(parts, history), loops: book, asked }, history);
        // It may have been answered while others went on.
        const stands = still && (parts.thread || !still.parks || parkOn(store, still.question.id));
        if (stands) return { kind: 'parked', question: still.question.id };
        continue;
      }
      if (parts.thread?.paused()) return { kind: 'held', until: '' };
      crew?.catchUp();
      await tellMore(parts, history);
      if (parts.spoken.length > 0) store.commit((writer) => tell(writer, run, parts.spoken));
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
          const resting = () => (crew?.busy() ? crew.rest() : fireOrWait(parts, loops, time));
          const question = await parts.cutIn.resting<Question | null | void>(resting);
          if (question && parkOn(store, question.id)) return { kind: 'parked', question: question.id };
          break;
        }
        case 'count':
          counted = await countPrompt(parts, history, system());
          break;
        case 'wait':
          await parts.cutIn.resting(() => parts.purse.freed(signal));
          break;
        case 'ask':
          tries = await tryOnce(parts, tries, { turn: history.turns + 1 }, signal, () =>
            answer({ ...parts, asked }, history, system(), move).finally(leave),
          );
          break;
        case 'compact':
          await parts.hooks?.fire(compacts(history.turns), signal);
          tries = await tryOnce(parts, tries, { turn: history.turns + 1, purpose: 'compaction' }, signal, () =>
            summarised({ ...parts, asked, loops }, history, system(), move).finally(leave),
          );
          break;
        default:
          if (await isOver(parts, history, move)) return move;
      }
    }
  } finally {
    leave();
  }
}

/** What the model's address looked up is looked through before anything else is done. True: something was. */
async function lookThrough(parts: SessionParts, history: Readonly<History>): Promise<boolean> {
  const use = history.webUses[0];
  if (use) await (parts.recordWebUse ?? recordWebUse)(parts, history.turns, use);
  else if (history.tainted && history.offer.web) closeWeb(parts, history);
  else return false;
  return true;
}

/** Instruction files for what was touched; the API wants nothing but results while something is still being looked up. */
async function tellMore({ handOver }: SessionParts, { stopReason, messages }: Readonly<History>): Promise<void> {
  if (stopReason === 'tool_use' && !hasOpenUse(messages)) await handOver?.catchUp();
}

/** Hooks of a start say again what the summary has taken away. */
async function summarised(parts: SessionParts & Parameters<typeof compact>[0], ...how: Tail): Promise<void> {
  await compact(parts, ...how);
  await parts.hooks?.fire(starts(how[0].turns, 'compact', parts.model.id), parts.signal);
}

type Tail = Parameters<typeof compact> extends [unknown, ...infer Rest] ? Rest : never;

/** Hooks may send the agent on when it has ended its turn. */
async function isOver(
  { hooks, thread, signal }: SessionParts,
  { turns: turn, lastText, sentOn: blocks }: Readonly<History>,
  end: SessionEnd,
): Promise<boolean> {
  if (end.kind !== 'finished') return true;
  const of = thread ? { of: { id: thread.id, type: thread.kind } } : {};
  return await mayStop(hooks, { turn, lastText, blocks, ...of }, signal);
}

/** Without skills and memory where the model has not got the tool for them. */
function callable({ skills, memory, crew: _, hired, thread, ...parts }: Working, history: Readonly<History>) {
  const { skilled, remembers, crewed, advised, only } = history;
  const having: Having = {
    ...{ skilled: skilled && skills !== undefined, remembers: remembers && memory !== undefined },
    ...{ crewed, advised, only },
  };
  return {
    ...parts,
    having,
    ...(having.skilled && skills ? { skills } : {}),
    ...(having.remembers && memory ? { memory } : {}),
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
  | ({ kind: 'ask' } & Affordable)
  | ({ kind: 'compact'; full: boolean } & Affordable);

/** What comes after an answer whose calls are all done. */
function nextMove(
  parts: Working & Mended,
  history: Readonly<Countable>,
  loops: Readonly<Loops>,
  asked: Readonly<Asked>,
  prefixBytes: number,
): Move {
  if (history.halted !== null) return { ...halted(history.halted), ...rest(history) };
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

function halted(reason: string): Omit<Extract<SessionEnd, { kind: 'limit' }>, 'proposing' | 'lastText'> {
  const message = `A hook ended the session${reason ? `: ${reason}` : '.'}`;
  return { kind: 'limit', code: 'hook.stopped', message, cure: 'See what the hook wants; the run’s page names it.' };
}

/** Throws when a person or the clock has ended the session. */
function mayGoOn(signal: AbortSignal, asked: Readonly<Asked>): void {
  signal.throwIfAborted();
  if (asked.stopped) throw new Fault('run.stopped', 'A person stopped the run while it waited for an answer.');
}

/**
 * One answer, committed. One that was lost is paid for and thrown as a failed try, and may be asked for again. One that
 * costs more than was reserved as soon as it begins is not waited for, and paid for as far as it came.
 */
async function answer(
  given: SessionParts & { asked: Readonly<Asked> },
  history: Readonly<History>,
  system: string,
  { tokens: maxTokens, worst, prompt, aside, foreseen }: Affordable,
): Promise<void> {
  const parts = { ...given, foreseen, longest: maxTokens };
  const { store, model, run, spec, signal, purse, asked, tools = runTools } = parts;
  const turn = history.turns + 1;
  const reservation = store.commit((writer) => {
    writer.append({ type: 'turn.started', run, turn });
    return purse.reserve(writer, payerOf(parts, asked), 'session', worst, aside);
  }, 'kill');
  const request = {
    system,
    ...offeredTools(history, tools),
    messages: history.messages,
    maxTokens,
    effort: spec.effort,
    previous: history.lastId,
    ...(keptForAnHour(history) ? { hour: true } : {}),
    ready: store.flush(),
  };
  const meter = meterFor(run, 'session', model.rates, { prompt, all: worst + aside, longest: maxTokens });
  try {
    for await (const chunk of model.stream(request, signal)) {
      if (meter.hear(chunk)) return lost(parts, turn, meter.lost(null), reservation);
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

type Paying = Pick<SessionParts, 'store' | 'run' | 'purse' | 'model'> & { foreseen: Foreseen; longest: number };

function lost(
  { store, run, purse, model, foreseen }: Paying,
  turn: number,
  bill: Bill,
  reservation: Reservation,
): void {
  const { usage, counted, presumed, all } = bill;
  store.commit((writer) => {
    if (usage) {
      writer.append({ type: 'answer.lost', run, turn, usage, costMicros: counted });
      purse.surprises.note(writer, model.id, foreseen, usage);
    }
    if (presumed) writer.append(presumed);
    reservation.settle(writer, all);
  });
}

/** Throws `model.refused` and `model.stopped_oddly`, after the answer and its cost are recorded. */
function finished(
  { store, run, purse, model, foreseen, longest }: Paying,
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
    purse.surprises.note(writer, model.id, foreseen, usage ?? noUsage);
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
      longest,
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
  return { proposing: history.proposing ?? history.offered, lastText: history.lastText };
}
