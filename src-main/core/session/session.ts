/** The conversation with the model: stream an answer, do its tool calls, again, until it ends or a limit is met. */
import type { Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { noTries, tryOnce } from '#core/budget/retries.ts';
import { mayCompact, mayStop, starts, subagentStarts } from '#core/hooks/moments.ts';
import type { Place } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Having } from '#core/tools/toolbox.ts';
import { answer } from './answer.ts';
import { parkOn } from './ask.ts';
import { type Asked, createAsked } from './asked.ts';
import { compact, isNeeded } from './compact.ts';
import type { History } from './conversation.ts';
import { type Counted, countPrompt, withCount } from './count.ts';
import { createCutIn, interrupted } from './cut-in.ts';
import { doCalls } from './do-calls.ts';
import { createHistory } from './history.ts';
import { holdFor } from './hold.ts';
import { itsTurn } from './its-turn.ts';
import { type Deadline, deadline, timeLimit } from './limits.ts';
import { createLoopBook } from './loop-book.ts';
import { createLoops, type Loops } from './loops.ts';
import { type Mended, mend } from './mend.ts';
import { narrowedBySkills } from './narrowed-by-skills.ts';
import { type Move, nextMove, rest } from './next-move.ts';
import { closeWeb, offeredTools } from './offer.ts';
import type { SessionEnd, SessionParts, Working } from './parts.ts';
import { systemPrompt } from './prompt.ts';
import { createSpoken, tell } from './spoken.ts';
import { fireOrWait } from './wait.ts';
import { hasOpenUse, recordWebUse } from './web-use.ts';

/**
 * Works until the model proposes, or ends its turn with no loop that begins another, or until a limit. The event log is
 * the only state, so a session that died continues by calling this again. Throws `model.*`, `sandbox.died`; aborting
 * throws `run.stopped`.
 */
export async function runSession(parts: SessionParts): Promise<SessionEnd> {
  const { store: log, run, thread } = parts;
  const { history, apply: extend } = createHistory(thread?.id);
  if (parts.own) Object.assign(history, { own: parts.own });
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
  for (const event of log.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
  /** Something it has gone on from could not be committed; the reason. */
  const lost = new AbortController();
  const deaf = log.attend(
    run,
    (event) => {
      const { resting } = history;
      apply(event);
      if (thread) return;
      if (history.resting && !resting) time.rest();
      else if (resting && !history.resting) time.goOn();
      cutIn.hear(event);
    },
    (why) => lost.abort(why),
  );
  // Whoever has gone on from what was never so has nothing more to say.
  const store: Store = {
    ...log,
    commit(work, lasting) {
      lost.signal.throwIfAborted();
      return log.commit(work, lasting);
    },
  };
  // The time of the run is its own session's to watch.
  const time = thread ? { signal: parts.signal, rest() {}, goOn() {} } : deadline(parts, history);
  const crew = parts.crew?.({ store, signal: time.signal });
  try {
    const signal = AbortSignal.any([time.signal, lost.signal]);
    const working = { ...parts, store, signal, spoken, cutIn, hired: crew };
    const end = await converse(working, history, loops, asked, time);
    if (end.kind === 'parked') await crew?.pause();
    // Whoever hears of the end may take all of it for said.
    log.settle();
    lost.signal.throwIfAborted();
    return end;
  } catch (thrown) {
    const error = lost.signal.aborted ? lost.signal.reason : thrown;
    if (parts.signal.aborted) throw new Fault('run.stopped', 'A person stopped the run.');
    if (lost.signal.aborted) throw error;
    if (time.signal.aborted) return { kind: 'limit', ...timeLimit(parts.spec), ...rest(history) };
    if (thread) throw error;
    await crew?.pause();
    return { kind: 'held', ...holdFor(parts, error) };
  } finally {
    await crew?.stop();
    // The same of one that failed, whose failure stays what it is: reading commits what waits.
    log.seq();
    time.rest();
    deaf();
  }
}

/** Goes on after what can be mended, and after a person has cut in; what cannot be mended is thrown. */
async function converse(
  parts: Working,
  history: Readonly<History>,
  loops: Readonly<Loops>,
  asked: Readonly<Asked>,
  time: Deadline,
): Promise<SessionEnd> {
  if (parts.thread && history.turns === 0) await parts.hooks?.fire(subagentStarts(parts.thread.type), parts);
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

/** What is asked of the model, and how far that is. */
interface Asking {
  system(): string;
  tries: typeof noTries;
  counted: Counted | null;
  place: Place | null;
  leave(): void;
}

async function talk(
  parts: Working & Mended,
  history: Readonly<History>,
  loops: Readonly<Loops>,
  asked: Readonly<Asked>,
  time: Deadline,
): Promise<SessionEnd> {
  const { spec, signal } = parts;
  const book = createLoopBook({ ...parts, timeZone: spec.timeZone, loops });
  const system = () => parts.thread?.system ?? parts.system ?? ownPrompt(parts, history);
  const prefixBytes = Buffer.byteLength(JSON.stringify([system(), offeredTools(history)]));
  const asking: Asking = {
    ...{ system, tries: noTries, counted: null, place: null },
    leave() {
      asking.place?.leave();
      asking.place = null;
    },
  };
  try {
    for (;;) {
      mayGoOn(signal, asked);
      if (await lookThrough(parts, history)) continue;
      if (history.pending.length > 0) {
        const question = await openCalls(
          { ...callable(parts, history), loops: book, asked, images: history.images },
          history,
          parts,
        );
        if (question) return { kind: 'parked', question };
        continue;
      }
      if (parts.thread?.paused()) return { kind: 'held', until: '' };
      await tellMore(parts, history);
      const move = nextMove(parts, withCount(history, asking.counted), loops, asked, prefixBytes);
      const commits = parts.store.commits();
      await letIn(move, asking, parts, history, prefixBytes, time);
      // Others may have spent meanwhile: then it is seen anew what may be asked, and nothing is waited for before it is.
      if (parts.store.commits() !== commits || parts.thread?.paused()) continue;
      mayGoOn(signal, asked);
      const end = await make(move, { ...parts, asked, loops }, history, asking, time);
      if (end) return end;
    }
  } finally {
    asking.leave();
  }
}

/** Whoever asks has its place, and nobody else. */
async function letIn(
  { kind }: Move,
  asking: Asking,
  parts: Working & Mended,
  ...how: [Readonly<History>, number, Deadline]
): Promise<void> {
  if (kind !== 'ask' && kind !== 'compact') asking.leave();
  else if (!asking.place && parts.model.enter) asking.place = await itsTurn(parts, ...how);
}

/** What a person allowed since is said where it happened: earlier thinking holds under the very same words only. */
function ownPrompt({ spec, seenAt }: Working, { network, offer }: Readonly<History>): string {
  return systemPrompt({ ...spec, network: network ?? spec.network }, seenAt, offer.web);
}

/** Null: the session goes on. */
async function make(
  move: Move,
  parts: Working & Mended & { asked: Readonly<Asked>; loops: Readonly<Loops> },
  history: Readonly<History>,
  asking: Asking,
  time: Deadline,
): Promise<SessionEnd | null> {
  const { store, run, signal, loops } = parts;
  const { system, leave } = asking;
  const turn = history.turns + 1;
  switch (move.kind) {
    case 'nudge':
      store.commit((writer) => writer.append({ type: 'message.added', run, text: move.text, from: 'nightshift' }));
      return null;
    case 'rest': {
      const question = await parts.cutIn.resting(() => quiet(parts, loops, time));
      return question === null ? null : { kind: 'parked', question };
    }
    case 'close_web':
      closeWeb(parts, history, 'money');
      return null;
    case 'count':
      asking.counted = await countPrompt(parts, history, system());
      return null;
    case 'wait':
      await parts.cutIn.resting(() => parts.purse.freed(signal));
      return null;
    case 'ask':
      asking.tries = await tryOnce(parts, asking.tries, { turn }, signal, () =>
        answer(parts, history, system(), move).finally(leave),
      );
      return null;
    case 'compact':
      if (!(await mayCompact(parts.hooks, { turn: history.turns, needed: isNeeded(history, move) }, parts)))
        return history.halted === null ? await make({ ...move, kind: 'ask' }, parts, history, asking, time) : null;
      asking.tries = await tryOnce(parts, asking.tries, { turn, purpose: 'compaction' }, signal, () =>
        summarised(parts, history, system(), move).finally(leave),
      );
      return null;
    default:
      return (await isOver(parts, history, move)) ? move : null;
  }
}

/** Does the open calls. The question on which the session stands still; null: it goes on. */
async function openCalls(
  calls: Parameters<typeof doCalls>[0],
  history: Readonly<History>,
  { store, thread }: Working,
): Promise<string | null> {
  const still = await doCalls(calls, history);
  if (!still) return null;
  // It may have been answered while others went on.
  const stands = thread || parkOn(store, still.question.id) || !still.parks;
  return stands ? still.question.id : null;
}

/** Until somebody who works for it, or a loop, has something to say; or else the question that nobody can go on without. */
async function quiet(parts: Working & Mended, loops: Readonly<Loops>, time: Deadline): Promise<string | null> {
  if (!parts.hired?.busy()) {
    await fireOrWait(parts, loops, time);
    return null;
  }
  const question = await parts.hired.rest(parts.signal);
  if (!question) return null;
  return parts.thread || parkOn(parts.store, question.id) ? question.id : null;
}

/** What the model's address looked up is looked through before anything else is done. True: something was. */
async function lookThrough(parts: SessionParts, history: Readonly<History>): Promise<boolean> {
  const use = history.webUses[0];
  if (use) await (parts.recordWebUse ?? recordWebUse)(parts, history.turns, use);
  else if (history.tainted && history.offer.web) closeWeb(parts, history, 'tainted');
  else return false;
  return true;
}

/** What there is to tell the agent between two answers. Whatever it is, it is on record until it can be told. */
async function tellMore(
  { handOver, hired, spoken, store, run }: Working,
  { stopReason, messages }: Readonly<History>,
): Promise<void> {
  // The API wants nothing but results while something is still being looked up.
  if (hasOpenUse(messages)) return;
  hired?.catchUp();
  if (stopReason === 'tool_use') await handOver?.catchUp();
  if (spoken.length > 0) store.commit((writer) => tell(writer, run, spoken));
}

/** Hooks of a start say again what the summary has taken away. */
async function summarised(parts: SessionParts & Parameters<typeof compact>[0], ...how: Tail): Promise<void> {
  await compact(parts, ...how);
  await parts.hooks?.fire(starts(how[0].turns, 'compact', parts.model.id), parts);
}

type Tail = Parameters<typeof compact> extends [unknown, ...infer Rest] ? Rest : never;

/** Hooks may send the agent on when it has ended its turn. */
async function isOver(
  parts: SessionParts,
  { turns: turn, lastText, sentOn: blocks }: Readonly<History>,
  end: SessionEnd,
): Promise<boolean> {
  if (end.kind !== 'finished') return true;
  return await mayStop(parts.hooks, { turn, lastText, blocks }, parts);
}

/** Without skills and memory where the model has not got the tool for them. */
function callable({ skills, memory, crew: _, hired, thread, ...parts }: Working, history: Readonly<History>) {
  const { skilled, remembers, crewed, advised, only, own } = history;
  const having: Having = {
    ...{ skilled: skilled && skills !== undefined, remembers: remembers && memory !== undefined },
    ...{ crewed, advised, only, ...(own ? { own } : {}) },
  };
  return {
    ...parts,
    judge: narrowedBySkills(parts.judge, skills, history.workedBy),
    having,
    ...(having.skilled && skills ? { skills } : {}),
    ...(having.remembers && memory ? { memory } : {}),
    ...(hired ? { crew: hired } : {}),
    ...(thread ? { thread, alone: false } : {}),
  };
}

/** Throws when a person or the clock has ended the session. */
function mayGoOn(signal: AbortSignal, asked: Readonly<Asked>): void {
  signal.throwIfAborted();
  if (asked.stopped) throw new Fault('run.stopped', 'A person stopped the run while it waited for an answer.');
}
