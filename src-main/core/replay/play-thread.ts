/** Plays the conversation of one recorded subagent through the session's own engine, by itself: what it was told and what its calls brought is on its tape. */
import type { AgentId } from '#contract/agents.ts';
import type { Event } from '#contract/events.ts';
import { storeOf } from '#core/agents/own-store.ts';
import { createPurse } from '#core/budget/purse.ts';
import { createAgent } from '#core/session/agent.ts';
import type { PendingCall } from '#core/session/conversation.ts';
import type { CallParts } from '#core/session/tool-call.ts';
import { endOf, goOn, noHands, type PlayParts, put, recordedCall, recordedHandOver, timedStore } from './play.ts';
import { createSpeakers } from './speakers.ts';

/** The events of each subagent with the beginning of its run and the answers to its questions, oldest first. */
export function threadTapes(events: readonly Event[]): Map<AgentId, Event[]> {
  const tapes = new Map<AgentId, Event[]>();
  const asked = new Map<string, AgentId>();
  const opening = events.filter(({ type }) => type === 'run.queued' || type === 'run.started');
  for (const event of events) {
    if (event.type === 'agent.started') tapes.set(event.agent, [...opening]);
    if (event.type === 'question.asked' && event.agent) asked.set(event.question.id, event.agent);
    const whose = event.type === 'question.answered' ? asked.get(event.question) : event.agent;
    if (whose !== undefined) tapes.get(whose)?.push(event);
  }
  return tapes;
}

/** Nobody judges the work of a subagent but whoever started it. */
const noVerdicts = { beforeCall: async () => {}, afterCall: async () => {} };

/** `tape`: of this subagent alone. Throws what a session throws otherwise. */
export async function playThread(parts: Omit<PlayParts, 'instructions' | 'changes'>, agent: AgentId): Promise<void> {
  const { tape, seenAt } = parts;
  const store = timedStore(parts.store, tape);
  const queued = tape.take('run.queued');
  put(store, queued, tape.take('run.started'));
  const started = tape.take('agent.started');
  if (!queued || !started) return;
  put(store, started);
  put(
    store,
    tape.rest()[0]?.type === 'instructions.loaded' ? tape.take('instructions.loaded') : undefined,
    tape.take('message.added'),
  );
  const { name, system, turns, effort } = started;
  const limits = { ...parts.spec.limits, turns };
  const spec = { ...parts.spec, effort, limits, goal: '', rubric: '', artifacts: [] };
  const { run } = queued;
  store.commit(({ records }) => records.saveSpec(run, spec));
  const { conversation } = createSpeakers({ ...parts, tape });
  const switched = tape.rest().find((event) => event.type === 'model.switched');
  const session = {
    ...{ store: storeOf(store, agent), clock: tape.clock, ids: tape.ids, run, seenAt, spec },
    purse: createPurse({ store, clock: tape.clock, startOfDay: (at) => at }),
    model: conversation(started.model),
    fallback: async () => (switched?.type === 'model.switched' ? conversation(switched.to) : null),
    judge: { version: 'recorded', judge: () => Promise.reject(new Error('a replay judges nothing')) },
    hands: noHands,
    doCall: (call: CallParts, _turn: number, pending: PendingCall) => recordedCall(call, tape, pending, noVerdicts),
    handOver: recordedHandOver(store, tape),
    thread: { id: agent, type: name, system, paused: () => false },
    signal: new AbortController().signal,
  };
  try {
    for (;;) {
      const end = await createAgent(session).work();
      if (!goOn(store, tape, end)) return;
    }
  } catch (error) {
    endOf(error, { kind: 'ended', verdicts: [] });
  }
}
