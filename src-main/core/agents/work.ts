/** One go of a subagent: the session's own loop over its own history, until it has a result or nobody in the run can go on. */

import type { AgentOutcome } from '#contract/agents.ts';
import type { Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { Question } from '#contract/questions.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { FailedTry } from '#core/budget/failed-try.ts';
import { createHandOver } from '#core/instructions/hand-over.ts';
import { createAgent } from '#core/session/agent.ts';
import type { Crew, Lead } from '#core/session/crew.ts';
import { createHistory } from '#core/session/history.ts';
import { closeCalls } from '#core/session/tool-call.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import { onlySome } from '#core/tools/toolbox.ts';
import { narrowJudge } from './narrow-judge.ts';
import { purseOf, storeOf, writerOf } from './own-store.ts';
import type { OwnPlace, Shared } from './parts.ts';
import type { JobEnd, Place } from './running.ts';
import type { Thread } from './threads.ts';

/** A subagent of a subagent was told to begin nothing more, so neither does whoever waits for it. */
export class Paused extends Error {}

/** `crewFor`: those who work for it, where it may have any. `signal`: of whoever started it. */
export async function workOn(
  shared: Shared,
  thread: Thread,
  place: Place,
  signal: AbortSignal,
  crewFor: (place: Place, lead: Lead) => Crew,
): Promise<JobEnd<Question>> {
  const { id } = thread;
  // It can be stopped while it waits for its place.
  const stop = shared.stopping.get(id) ?? new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const own = createOwn(shared, thread);
  try {
    return await untilOver(shared, thread, own, either, (lead) => crewFor(place, lead));
  } catch (error) {
    if (error instanceof Paused) return { kind: 'paused' };
    if (signal.aborted) throw error;
    if (stop.signal.aborted) return await own.ended('stopped', 'agent.stopped', stoppedText);
    if (!(error instanceof Fault) || !/^(model|limit|input)\b/.test(error.code)) throw error;
    // A limit of the account is everybody's: they all wait for it together.
    if (error instanceof FailedTry && error.facts.liftsInMs !== undefined) {
      await shared.running.stand(id, null);
      throw error;
    }
    return await own.ended('failed', error.code, error.message);
  } finally {
    shared.stopping.delete(id);
    await own.close();
  }
}

async function untilOver(
  shared: Shared,
  { id, started }: Thread,
  own: Own,
  signal: AbortSignal,
  crew: (lead: Lead) => Crew,
): Promise<JobEnd<Question>> {
  const { store } = shared.session;
  signal.throwIfAborted();
  const place = await own.open();
  for (;;) {
    const model = await shared.resolve(started.model);
    const end = await createAgent({ ...partsOf(shared, started, signal, place), model, crew }).work();
    if (end.kind === 'held') return { kind: 'paused' };
    if (end.kind === 'finished') return await own.ended('finished', null, end.lastText);
    if (end.kind === 'limit')
      return await own.ended('limit', end.code, [end.message, end.lastText].filter(Boolean).join('\n\n'));
    const question = store.read.question(end.question);
    if (question?.state !== 'open') continue;
    const how = await shared.running.stand(id, answered(store, question.id));
    signal.throwIfAborted();
    if (how === 'rest' && store.read.question(question.id)?.state === 'open') return { kind: 'question', question };
  }
}

/** The worktree of its own, where it has one, and its end with what is kept of that. */
interface Own {
  open(): Promise<OwnPlace | undefined>;
  ended(outcome: AgentOutcome, code: string | null, text: string): Promise<JobEnd<never>>;
  close(): Promise<void>;
}

function createOwn(shared: Shared, { id, started: { work } }: Thread): Own {
  let place: OwnPlace | undefined;
  async function open() {
    if (work) place ??= await shared.place?.open({ agent: id, work });
    return place;
  }
  return {
    open,
    async ended(outcome, code, text) {
      const kept = await (await open())?.keep(text.slice(0, 2000));
      return finish(shared, id, { outcome, code, text, ...(kept ? changes(kept) : {}) });
    },
    close: async () => place?.close(),
  };
}

function partsOf(shared: Shared, started: Thread['started'], signal: AbortSignal, own: OwnPlace | undefined) {
  const { session, sources, paused } = shared;
  const { agent, name, system, tools, effort, turns, permissionMode } = started;
  const store = storeOf(session.store, agent);
  const limits = { ...session.spec.limits, turns };
  const spec: RoutineSpec = { ...session.spec, effort, limits, goal: '', rubric: '', artifacts: [] };
  const { skills, ...rest } = session;
  return {
    ...rest,
    ...{ store, signal, spec, purse: purseOf(session.purse, agent, name) },
    ...(own ? { hands: own.hands, inspect: own.inspect, seenAt: own.seenAt } : {}),
    judge: narrowJudge((own ?? session).judge, permissionMode),
    thread: { id: agent, type: name, system, paused },
    handOver: createHandOver(store, session.run, sources, null),
    ...(skills && tools.includes('Skill') ? { skills } : {}),
    ...(session.own ? { own: onlySome(session.own, tools) } : {}),
  };
}

/** Tells when a person, or the deadline, has answered. */
const answered = (store: Store, question: string) => (come: () => void) =>
  store.listen((item) => {
    if (item.kind === 'event' && item.event.type === 'question.answered' && item.event.question === question) come();
  });

const stoppedText = 'It was stopped before it had a result.';
/** Characters of a change that are kept beside the branch. */
const longestPatch = 30_000;

function changes({ head, patch }: { head: string; patch: string }) {
  const short = patch.length > longestPatch ? `${patch.slice(0, longestPatch)}\n[… cut]` : patch;
  return { head, patch: short };
}

/** One that is not at work. */
export function stopped(shared: Shared, id: string): JobEnd<never> {
  return finish(shared, id, { outcome: 'stopped', code: 'agent.stopped', text: stoppedText });
}

function finish({ session, threads }: Shared, id: string, ending: Ending): JobEnd<never> {
  const { store, run } = session;
  const orphaned: Ending = { outcome: 'stopped', code: 'agent.stopped', text: 'Whoever started it ended.' };
  store.commit((writer) => {
    // Its own subagents have nobody left to work for.
    const orphans = [...threads.values()].filter(({ parent, ended }) => parent === id && !ended);
    const closing = createClosing(store, [...orphans.map((each) => each.id), id]);
    for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) closing.apply(event);
    for (const each of orphans) closing.end(writer, run, each.id, orphaned);
    closing.end(writer, run, id, ending);
  });
  return { kind: 'ended' };
}

type Ending = Pick<NonNullable<Thread['ended']>, 'outcome' | 'code' | 'text' | 'patch'> & { head?: string };

interface Closing {
  /** Of every event of the run, oldest first, before the first of them ends. */
  apply(event: Event): void;
  /**
   * Its last calls get results that say so: whatever is said to it next, the API wants each call answered first. Nobody
   * needs to answer what it asked any more.
   */
  end(writer: Writer, run: string, id: string, ending: Ending): void;
}

/** Ends several of a run's subagents after one look at its log. */
export function createClosing(store: Store, ids: readonly string[]): Closing {
  const histories = new Map(ids.map((id) => [id, createHistory(id)]));
  const asked: { id: string; agent: string }[] = [];
  return {
    apply(event) {
      for (const { apply } of histories.values()) apply(event);
      if (event.type === 'question.asked' && event.agent) asked.push({ id: event.question.id, agent: event.agent });
    },
    end(writer, run, id, ending) {
      closeCalls(writerOf(writer, id), run, histories.get(id)?.history.pending ?? []);
      for (const { id: question, agent } of asked)
        if (agent === id && store.read.question(question)?.state === 'open')
          writer.append({ type: 'question.answered', run, question, state: 'withdrawn', by: 'nightshift', note: null });
      writer.append({ type: 'agent.ended', run, agent: id, head: null, ...ending });
    },
  };
}
