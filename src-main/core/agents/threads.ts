/** The subagents of a run, folded from its events alone, so that a run taken up again has the same ones. */
import type { AgentId } from '#contract/agents.ts';
import type { Event } from '#contract/events.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

export interface Thread {
  id: AgentId;
  started: Of<'agent.started'>;
  /** Who waits for its present go, or waited for its last one, and by which call. */
  parent: AgentId | null;
  call: string;
  background: boolean;
  /** 1: started by the agent of the run itself. */
  depth: number;
  /** Of its last go; null: it goes on. */
  ended: Of<'agent.ended'> | null;
  /** Whoever waits for it has been given the result. */
  told: boolean;
}

/** Tools that give a result, or an end, of the subagent they name. */
const telling: ReadonlySet<string> = new Set(['TaskOutput', 'TaskStop']);

/** `threads` is alive: each `apply` extends it. Oldest first. */
export function createThreads(): { threads: ReadonlyMap<AgentId, Thread>; apply(event: Event): void } {
  const threads = new Map<AgentId, Thread>();
  const looked = new Map<string, string>();
  /** Of the run's own agent: in which turn each was started. */
  const since = new Map<AgentId, number>();
  let turn = 0;
  const change = (id: AgentId, to: Partial<Thread>) => {
    const thread = threads.get(id);
    if (thread) threads.set(id, { ...thread, ...to });
  };
  function finished({ call, agent, ok }: Of<'tool.finished'>): void {
    for (const thread of threads.values())
      if (thread.call === call && (agent ?? null) === thread.parent && !thread.background && thread.ended)
        change(thread.id, { told: true });
    const about = looked.get(call);
    if (about !== undefined && agent === undefined && ok) change(about, { told: true });
  }
  /** Whoever was started on a way that is left behind has nobody to tell. */
  function rewound({ turn: back }: Of<'history.rewound'>): void {
    for (const [id, started] of since) if (started > back) change(id, { told: true });
  }
  return {
    threads,
    apply(event) {
      switch (event.type) {
        case 'agent.started': {
          const { agent: id, parent, call, background } = event;
          const depth = parent === null ? 1 : (threads.get(parent)?.depth ?? 0) + 1;
          since.set(id, turn);
          threads.set(id, { id, started: event, parent, call, background, depth, ended: null, told: false });
          break;
        }
        case 'agent.continued': {
          const { parent, call, background } = event;
          change(event.agent, { parent, call, background, ended: null, told: false });
          break;
        }
        case 'agent.ended':
          change(event.agent, { ended: event });
          break;
        case 'message.added':
          for (const id of event.results ?? []) change(id, { told: true });
          break;
        case 'message.finished':
          if (event.agent === undefined) turn = event.turn;
          break;
        case 'history.rewound':
          rewound(event);
          break;
        case 'tool.started':
          if (event.agent === undefined && telling.has(event.name))
            looked.set(event.call, String((event.input as { agent?: unknown } | null)?.agent));
          break;
        case 'tool.finished':
          finished(event);
          break;
      }
    },
  };
}
