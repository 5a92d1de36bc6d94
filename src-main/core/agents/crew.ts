/** Those who work for one session: starts them, waits for them, brings their results back, and goes on with them after a restart. */
import type { AgentId } from '#contract/agents.ts';
import type { Question } from '#contract/questions.ts';
import type { PendingCall } from '#core/session/conversation.ts';
import type { Crew, Lead } from '#core/session/crew.ts';
import { failure, type ToolOutcome } from '#core/tools/tool.ts';
import { askAdvisor } from './advisor.ts';
import { type CrewParts, mostAtOnce, type Shared } from './parts.ts';
import { type AgentInput, type Caller, notYours, planMessage, planStart } from './plan.ts';
import { createRunning, type JobEnd, type Place } from './running.ts';
import { createThreads, type Thread } from './threads.ts';
import { resultText, takenText, toldText } from './words.ts';
import { Paused, stopped, workOn } from './work.ts';

/** Those of the run's own session, and in turn of those who work for it. */
export function createCrew(parts: CrewParts, lead: Lead): Crew {
  const { store, run } = parts.session;
  const { threads, apply } = createThreads();
  for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
  const deaf = store.listen((item) => {
    if (item.kind === 'event' && 'run' in item.event && item.event.run === run) apply(item.event);
  });
  const halt = new AbortController();
  const running = createRunning<Question>(mostAtOnce);
  /** How those in the background ended for now, until it is looked at. */
  const ends = new Map<AgentId, JobEnd<Question>>();
  let pausing = false;
  /** One after the other, so that they are numbered as they were called. */
  let planning: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(plan: () => Promise<T>): Promise<T> => {
    const next = planning.then(plan);
    planning = next.catch(() => {});
    return next;
  };
  const signal = AbortSignal.any([lead.signal, halt.signal]);
  const shared: Shared = { ...parts, threads, running, signal, paused: () => pausing, stopping: new Map() };

  function begin(thread: Thread, of: AbortSignal): void {
    if (!running.working(thread.id)) shared.stopping.set(thread.id, new AbortController());
    running.begin(thread.id, thread.depth === 1, async (place) => {
      const end = await workOn(shared, thread, place, of, (own, its) =>
        hiredBy({ id: thread.id, depth: thread.depth }, own, its.signal),
      ).catch((error: unknown): JobEnd<Question> => ({ kind: 'broken', error }));
      if (thread.background) ends.set(thread.id, end);
      return end;
    });
  }

  /** The result of its present go. One in the background works on when `cut` aborts; any other one is stopped. */
  async function awaited(who: Place, id: AgentId, of: AbortSignal, cut: AbortSignal): Promise<ToolOutcome | Question> {
    for (;;) {
      const thread = threads.get(id);
      if (!thread) return notYours(id);
      // What was just finished is not lost over it.
      if (thread.ended && !(cut.aborted && thread.ended.outcome === 'stopped')) return outcomeOf(thread, thread.ended);
      cut.throwIfAborted();
      begin(thread, of);
      const end = await (thread.background
        ? running.wait(who, id, cut)
        : stoppedBy(cut, id, () => running.wait(who, id)));
      of.throwIfAborted();
      const question = questionOf(end, cut);
      if (question) return question;
    }
  }

  const backgroundOnes = () => [...threads.values()].filter(({ parent, background }) => parent === null && background);
  const untold = () => backgroundOnes().filter(({ ended, told }) => ended && !told);

  function tell(): void {
    const news = untold();
    if (news.length === 0) return;
    const text = toldText(news.map((thread) => endedOf(thread)));
    store.commit((writer) =>
      writer.append({ type: 'message.added', run, text, from: 'nightshift', results: news.map(({ id }) => id) }),
    );
  }

  function breakOff(id: AgentId): void {
    shared.stopping.get(id)?.abort();
    running.nudge(id);
  }

  async function stoppedBy<T>(cut: AbortSignal, id: AgentId, work: () => Promise<T>): Promise<T> {
    const stop = () => breakOff(id);
    cut.addEventListener('abort', stop);
    try {
      return await work();
    } finally {
      cut.removeEventListener('abort', stop);
    }
  }

  async function stopOne(id: AgentId): Promise<ToolOutcome> {
    const thread = threads.get(id);
    if (!thread || thread.parent !== null) return notYours(id);
    if (!thread.ended) {
      if (running.working(id)) {
        breakOff(id);
        await running.wait(running.lead, id);
      } else stopped(shared, id);
    }
    const ended = threads.get(id);
    return { ...(ended?.ended ? outcomeOf(ended, ended.ended) : notYours(id)), ok: true, code: null };
  }

  function hiredBy(caller: Caller, place: Place, of: AbortSignal): Crew {
    const mine = (call: PendingCall) =>
      [...threads.values()].find((thread) => thread.parent === caller.id && thread.call === call.id);
    return {
      async plan(call, input) {
        if (call.name === 'Agent') return await inTurn(() => planStart(shared, caller, call.id, input as AgentInput));
        if (call.name === 'SendMessage') return planMessage(shared, caller, call.id, input as never);
        return { drafts: () => [] };
      },
      async result(call, input, cut) {
        const { agent = '' } = (input ?? {}) as { agent?: string };
        if (call.name === 'TaskOutput')
          return threads.has(agent) ? await awaited(place, agent, of, cut) : notYours(agent);
        if (call.name === 'TaskStop') return await stopOne(agent);
        if (call.name === 'advisor')
          return await askAdvisor(shared, String((input as { question?: unknown }).question), cut);
        const thread = mine(call);
        if (!thread) return failure('tool.failed', 'It was never begun. Call it again.');
        if (!thread.background) return await awaited(place, thread.id, of, cut);
        begin(thread, of);
        return said(
          `${thread.id} (${thread.started.name}) works in the background. Its result comes to you by itself.`,
        );
      },
      busy: () => caller.id === null && backgroundOnes().some(({ ended, told }) => !ended || !told),
      catchUp() {
        if (caller.id !== null) return;
        for (const thread of backgroundOnes())
          if (!thread.ended && !running.working(thread.id)) {
            const end = ends.get(thread.id);
            ends.delete(thread.id);
            if (end?.kind === 'broken') throw end.error;
            begin(thread, of);
          }
        tell();
      },
      async rest(cut) {
        const open = backgroundOnes().filter(({ ended }) => !ended);
        if (untold().length > 0 || open.length === 0) return null;
        for (const thread of open) begin(thread, of);
        await running.any(
          place,
          open.map(({ id }) => id),
          cut,
        );
        of.throwIfAborted();
        cut.throwIfAborted();
        if (untold().length > 0) return null;
        const standing = open.flatMap(({ id }) => ends.get(id) ?? []);
        for (const { id } of open) ends.delete(id);
        const broken = standing.find((end) => end.kind === 'broken');
        if (broken?.kind === 'broken') throw broken.error;
        const asked = standing.find((end) => end.kind === 'question');
        return asked?.kind === 'question' ? asked.question : null;
      },
      async pause() {
        if (caller.id !== null) return;
        pausing = true;
        running.release();
        await running.over();
      },
      async stop() {
        if (caller.id !== null) return;
        halt.abort(lead.signal.aborted ? lead.signal.reason : undefined);
        pausing = true;
        running.release();
        await running.over();
        deaf();
      },
    };
  }

  return hiredBy({ id: null, depth: 0 }, running.lead, signal);
}

function endedOf(thread: Thread): Parameters<typeof resultText>[0] {
  const { id, started, ended } = thread;
  const { outcome = 'stopped', code = null, text = '', head = null, patch = '' } = ended ?? {};
  const taken = started.work && takenText(started.work, head, patch);
  return { id, name: started.name, outcome, code, text, taken };
}

function outcomeOf(thread: Thread, { outcome, code }: NonNullable<Thread['ended']>): ToolOutcome {
  const text = resultText(endedOf(thread));
  const ok = outcome === 'finished';
  return { ok, code: ok ? null : (code ?? 'agent.stopped'), text, view: { kind: 'text', text } };
}

/** On which whoever waited stands still, too; null: its work is over for now. Throws what broke it, and the reason of `cut`. */
function questionOf(end: JobEnd<Question> | null, cut: AbortSignal): Question | null {
  if (end?.kind !== 'ended') cut.throwIfAborted();
  if (end?.kind === 'broken') throw end.error;
  if (end?.kind === 'paused') throw new Paused();
  return end?.kind === 'question' ? end.question : null;
}

const said = (text: string): ToolOutcome => ({ ok: true, code: null, text, view: { kind: 'text', text } });
