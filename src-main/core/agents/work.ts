/** One go of a subagent: the session's own loop over its own history, until it has a result or nobody in the run can go on. */

import { Fault } from '#contract/faults.ts';
import type { Question } from '#contract/questions.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { FailedTry } from '#core/budget/failed-try.ts';
import { createHandOver } from '#core/instructions/hand-over.ts';
import { createAgent } from '#core/session/agent.ts';
import type { Crew, Lead } from '#core/session/crew.ts';
import { createHistory } from '#core/session/history.ts';
import type { SessionEnd } from '#core/session/parts.ts';
import { closeCalls } from '#core/session/tool-call.ts';
import type { Store } from '#core/store/event-log.ts';
import { narrowJudge } from './narrow-judge.ts';
import { purseOf, storeOf, writerOf } from './own-store.ts';
import type { Shared } from './parts.ts';
import type { JobEnd, Place } from './running.ts';
import type { Thread } from './threads.ts';

/** A subagent of a subagent was told to begin nothing more, so neither does whoever waits for it. */
export class Paused extends Error {}

/** `crewFor`: those who work for it, where it may have any. `signal`: of whoever started it. */
export async function workOn(
  shared: Shared,
  { id, started }: Thread,
  place: Place,
  signal: AbortSignal,
  crewFor: (place: Place, lead: Lead) => Crew,
): Promise<JobEnd<Question>> {
  const { running, stopping, session } = shared;
  const { store } = session;
  const stop = new AbortController();
  stopping.set(id, stop);
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    for (;;) {
      const model = await shared.resolve(started.model);
      const end = await createAgent({
        ...partsOf(shared, started, either),
        model,
        crew: (lead) => crewFor(place, lead),
      }).work();
      if (end.kind === 'held') return { kind: 'paused' };
      if (end.kind !== 'parked') return over(shared, id, end);
      const question = store.read.question(end.question);
      if (question?.state !== 'open') continue;
      const how = await running.stand(id, answered(store, question.id));
      either.throwIfAborted();
      if (how === 'rest' && store.read.question(question.id)?.state === 'open') return { kind: 'question', question };
    }
  } catch (error) {
    return await brokenBy(shared, id, error, { signal, stop: stop.signal });
  } finally {
    stopping.delete(id);
  }
}

/** Throws what is not its own to end over. */
async function brokenBy(
  shared: Shared,
  id: string,
  error: unknown,
  { signal, stop }: { signal: AbortSignal; stop: AbortSignal },
): Promise<JobEnd<never>> {
  if (error instanceof Paused) return { kind: 'paused' };
  if (signal.aborted) throw error;
  if (stop.aborted) return stopped(shared, id);
  if (!(error instanceof Fault) || !/^(model|limit|input)\b/.test(error.code)) throw error;
  // A limit of the account is everybody's: they all wait for it together.
  if (error instanceof FailedTry && error.facts.liftsInMs !== undefined) {
    await shared.running.stand(id, null);
    throw error;
  }
  return finish(shared, id, 'failed', error.code, error.message);
}

function partsOf(shared: Shared, started: Thread['started'], signal: AbortSignal) {
  const { session, sources, paused } = shared;
  const { agent, name, system, tools, effort, turns, permissionMode } = started;
  const store = storeOf(session.store, agent);
  const limits = { ...session.spec.limits, turns };
  const spec: RoutineSpec = { ...session.spec, effort, limits, goal: '', rubric: '', artifacts: [] };
  const { skills, ...rest } = session;
  return {
    ...rest,
    ...{ store, signal, spec, purse: purseOf(session.purse, agent, name) },
    judge: narrowJudge(session.judge, permissionMode),
    thread: { id: agent, system, paused },
    speaker: { id: agent, type: name },
    handOver: createHandOver(store, session.run, sources, null),
    ...(skills && tools.includes('Skill') ? { skills } : {}),
  };
}

/** Tells when a person, or the deadline, has answered. */
const answered = (store: Store, question: string) => (come: () => void) =>
  store.listen((item) => {
    if (item.kind === 'event' && item.event.type === 'question.answered' && item.event.question === question) come();
  });

function over(shared: Shared, id: string, end: Extract<SessionEnd, { kind: 'finished' | 'limit' }>): JobEnd<never> {
  if (end.kind === 'finished') return finish(shared, id, 'finished', null, end.lastText);
  return finish(shared, id, 'limit', end.code, [end.message, end.lastText].filter(Boolean).join('\n\n'));
}

/** Also one that is not at work. */
export function stopped(shared: Shared, id: string): JobEnd<never> {
  return finish(shared, id, 'stopped', 'agent.stopped', 'It was stopped before it had a result.');
}

function finish(
  { session, threads }: Shared,
  id: string,
  outcome: 'finished' | 'limit' | 'failed' | 'stopped',
  code: string | null,
  text: string,
): JobEnd<never> {
  const { store, run } = session;
  store.commit((writer) => {
    // Its own subagents have nobody left to work for.
    for (const each of [...threads.values()].filter(({ parent, ended }) => parent === id && !ended))
      close(store, writer, run, each.id, {
        outcome: 'stopped',
        code: 'agent.stopped',
        text: 'Whoever started it ended.',
      });
    close(store, writer, run, id, { outcome, code, text });
  });
  return { kind: 'ended' };
}

type Ending = Pick<NonNullable<Thread['ended']>, 'outcome' | 'code' | 'text'>;

/** Its last calls get results that say so: whatever is said to it next, the API wants each call answered first. */
export function close(
  store: Store,
  writer: Parameters<typeof closeCalls>[0],
  run: string,
  id: string,
  ending: Ending,
): void {
  const { history, apply } = createHistory(id);
  for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
  closeCalls(writerOf(writer, id), run, history.pending);
  writer.append({ type: 'agent.ended', run, agent: id, ...ending, head: null });
}
