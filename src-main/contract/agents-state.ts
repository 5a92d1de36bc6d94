/** What events of and about subagents change of their run: its sums as ever, its tree of threads, and nothing of its own conversation. */
import type { AgentId } from './agents.ts';
import type { Event } from './events.ts';
import { type AgentThread, noUsage, type Run, type Usage } from './runs.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;
type Change = Partial<AgentThread>;

/** Functions of the run's own reducer. */
interface Words {
  addUsage(a: Usage, b: Usage): Usage;
  describeCall(name: string, input: unknown): string;
  isDenial(code: string | null): boolean;
}

/** `event` carries the id of a subagent. */
export function withAgent(run: Run, event: Event & { agent: AgentId }, words: Words): Run {
  if (event.type === 'agent.started') return { ...run, agents: [...(run.agents ?? []), begun(event)] };
  const thread = run.agents?.find(({ id }) => id === event.agent);
  if (!thread) return run;
  const { sums, change } = changeBy(event, thread, words);
  const said = change.activity;
  return {
    ...run,
    ...(said ? { activity: `${thread.name} (${thread.id}): ${said}` } : {}),
    ...sums(run),
    agents: run.agents?.map((each) => (each === thread ? { ...each, ...change, ...sums(each) } : each)),
  };
}

/** A question of a subagent was answered, or its run came to its end. */
export function settleAgents(run: Run, event: Event): Run {
  if (!run.agents) return run;
  const settle = (thread: AgentThread): AgentThread => {
    if (event.type === 'question.answered' && thread.question === event.question)
      return { ...thread, question: null, state: 'working' };
    const open = thread.state === 'working' || thread.state === 'waiting';
    return event.type === 'run.ended' && open
      ? { ...thread, state: 'stopped', question: null, endedAt: event.at }
      : thread;
  };
  return { ...run, agents: run.agents.map(settle) };
}

function begun(event: Of<'agent.started'>): AgentThread {
  const { agent: id, parent, call, name, description, model, background, work, at: startedAt } = event;
  return {
    ...{ id, parent, call, name, description, model, background, startedAt, branch: work?.branch ?? null },
    ...{ state: 'working', question: null, activity: 'Starting', turns: 0, toolCalls: 0 },
    ...{ usage: noUsage, costMicros: 0, endedAt: null },
  };
}

type Summed = Pick<Run, 'usage' | 'costMicros' | 'toolCalls'>;
interface Changed {
  /** Of run and thread alike. */
  sums(
    of: Summed & Partial<Pick<Run, 'denials' | 'presumedMicros'>>,
  ): Partial<Summed & Pick<Run, 'denials' | 'presumedMicros'>>;
  change: Change;
}

const nothing = () => ({});

function changeBy(event: Event, thread: AgentThread, words: Words): Changed {
  switch (event.type) {
    case 'agent.continued':
      return { sums: nothing, change: { state: 'working', background: event.background, endedAt: null } };
    case 'agent.ended': {
      const { outcome: state, text, at: endedAt } = event;
      return { sums: nothing, change: { state, endedAt, question: null, activity: firstLine(text) } };
    }
    case 'turn.started':
      return {
        sums: nothing,
        change: { turns: Math.max(thread.turns, event.turn), state: 'working', activity: 'Waiting for the model' },
      };
    case 'message.finished':
    case 'history.compacted':
    case 'side.answered':
    case 'answer.lost': {
      const { usage, costMicros } = event;
      return {
        sums: (of) => ({ usage: words.addUsage(of.usage, usage), costMicros: of.costMicros + costMicros }),
        change: {},
      };
    }
    case 'cost.presumed':
      return {
        sums: (of) => ({
          costMicros: of.costMicros + event.costMicros,
          ...('presumedMicros' in of || 'denials' in of
            ? { presumedMicros: (of.presumedMicros ?? 0) + event.costMicros }
            : {}),
        }),
        change: {},
      };
    case 'tool.started':
      return {
        sums: (of) => ({ toolCalls: of.toolCalls + 1 }),
        change: { activity: words.describeCall(event.name, event.input) },
      };
    case 'tool.finished':
      return {
        sums: (of) => (of.denials !== undefined && words.isDenial(event.code) ? { denials: of.denials + 1 } : {}),
        change: {},
      };
    case 'model.switched':
      return { sums: nothing, change: { model: event.to } };
    case 'question.asked':
      return {
        sums: nothing,
        change: { state: 'waiting', question: event.question.id, activity: 'Waiting for your answer' },
      };
    default:
      return { sums: nothing, change: {} };
  }
}

function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? '';
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
