/** An agent for programs: the sessions that the app runs, with tools, a folder, rules and limits of the program's own. */
import { Fault } from '#contract/faults.ts';
import { aimsOf } from '#core/supervisor/pursue.ts';
import type { Agent, AgentOptions, AgentRun } from './agent.ts';
import { answer, type GoParts, startGo } from './go.ts';
import { openGround } from './ground.ts';
import { readOptions } from './options.ts';
import { toolsOf } from './toolset.ts';
import { usualSystem } from './words.ts';

/** Characters that one prompt may have. */
const longestPrompt = 1_000_000;

/**
 * Throws `input` with the field for what cannot be used, `model.key_missing`, `data.*`, and `conflict` where another
 * agent has the store. A sandbox that cannot be made is told by the first run, before anything is asked.
 */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  const wanted = readOptions(options);
  const toolset = toolsOf(wanted);
  const ground = await openGround(wanted);
  const parts: GoParts = { ground, wanted, toolset, system: options.system ?? usualSystem(wanted, ground.seenAt) };
  const atWork = new Map<string, AgentRun>();
  let closing: Promise<void> | null = null;

  function start(session: string, prompt: string | null, signal?: AbortSignal): AgentRun {
    const started = startGo(parts, session, prompt, signal);
    atWork.set(session, started);
    const done = () => void atWork.delete(session);
    started.result.then(done, done);
    return started;
  }

  /** A new one where none is named. */
  function sessionOf(session: string | undefined): string {
    if (closing !== null) throw new Fault('conflict', 'The agent is closed.', { cure: 'Create another one.' });
    if (session === undefined) return begin(parts);
    if (!ground.store.read.run(session))
      throw new Fault('not_found', `There is no session "${session}" in this agent's store.`, {
        field: 'session',
        cure: 'Look at Agent.sessions(); sessions outlive a program only with `store`.',
      });
    if (atWork.has(session))
      throw new Fault('conflict', `The session ${session} is at work.`, {
        field: 'session',
        cure: 'Await the result of that run first, or stop it.',
      });
    return session;
  }

  return {
    model: ground.model.id,
    run(prompt, { session, signal } = {}) {
      if (typeof prompt !== 'string' || prompt.trim() === '' || prompt.length > longestPrompt)
        throw new Fault('input', 'A prompt is a text of 1 to 1,000,000 characters.', {
          field: 'prompt',
          cure: 'Put what is longer into a file that the agent can read.',
        });
      const id = sessionOf(session);
      const parkedOn = ground.store.read.run(id)?.parkedOn;
      if (parkedOn)
        throw new Fault('conflict', `The session ${id} is parked on the question ${parkedOn}.`, {
          field: 'session',
          cure: 'Answer it with Agent.answer.',
        });
      return start(id, prompt, signal);
    },
    resume: (session, { signal } = {}) => start(sessionOf(session), null, signal),
    answer(question, decision, { signal } = {}) {
      const known = ground.questions.get(question);
      const session = sessionOf(known.run);
      answer(ground.questions, known, decision);
      return start(session, null, signal);
    },
    sessions: () => ground.store.read.runs({ limit: 1000 }).map(({ id }) => id),
    close() {
      closing ??= (async () => {
        const left = [...atWork.values()];
        for (const each of left) each.stop();
        await Promise.allSettled(left.map(({ result }) => result));
        await ground.close();
      })();
      return closing;
    },
  };
}

function begin({ ground: { store, ids, model }, wanted: { spec, directory } }: GoParts): string {
  const run = ids.next('run');
  const aims = aimsOf(spec);
  store.commit((writer) => {
    writer.append({ type: 'run.queued', run, routine: 'agent', trigger: { kind: 'person' } });
    writer.append({
      ...{ type: 'run.started', run, model: model.id, rehearsal: false, permissionMode: spec.permissionMode },
      ...{ limits: spec.limits, repository: directory ?? '', branch: '', baseBranch: '', base: '' },
    });
    if (aims) writer.append({ type: 'aims.set', run, ...aims });
    // Nothing comes of it before what is said to it, which follows.
  }, 'kill');
  return run;
}
