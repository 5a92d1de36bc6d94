/** Which span is around which: a subagent inside the call that set it to work, and everything of it inside of it. */
import type { AgentId } from '#contract/agents.ts';
import type { Event } from '#contract/events.ts';
import type { Span } from '#contract/traces.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

/** A span before it is known where in the list the one around it stands; null: it is the whole run. */
export type Within = Omit<Span, 'parent'> & { within: Within | null };
const depth = ({ within }: Within): number => (within === null ? 0 : 1 + depth(within));

export type Loose = Omit<Span, 'parent'>;

/** By their beginnings. By clocks alone one may seem to begin before the one around it: that one cannot be named then. */
export function placed(all: readonly Within[]): Span[] {
  const spans = all.toSorted((a, b) => a.start.localeCompare(b.start) || depth(a) - depth(b));
  const places = new Map(spans.map((span, place) => [span, place]));
  return spans.map(({ within, ...span }, place) => {
    const around = within === null ? null : (places.get(within) ?? 0);
    return { ...span, parent: around !== null && around >= place ? 0 : around };
  });
}

export interface Speakers {
  /** Around what it does: its last go, or the whole run. */
  around(agent: AgentId | undefined): Within;
  /** By which model it is answered. */
  asks(agent: AgentId | undefined): string;
  /** Around a go that begins. */
  outside(parent: AgentId | null): Within;
  begun(event: Of<'agent.started' | 'agent.continued'>, span: Within): void;
  /** The call that set somebody to work is recorded right after that. */
  called(event: Of<'tool.started'>, span: Within): void;
}

export function createSpeakers(whole: Within): Speakers {
  /** The last go of each subagent. */
  const goes = new Map<AgentId, Within>();
  const waiting = new Map<string, Within>();
  const around = (agent: AgentId | undefined) => (agent === undefined ? whole : (goes.get(agent) ?? whole));
  return {
    around,
    asks: (agent) =>
      String(around(agent).attributes['gen_ai.request.model'] ?? whole.attributes['gen_ai.request.model'] ?? 'unknown'),
    outside: (parent) => around(parent ?? undefined),
    begun({ agent, parent, call }, span) {
      goes.set(agent, span);
      waiting.set(`${parent ?? ''}/${call}`, span);
    },
    called({ agent = '', call }, span) {
      const key = `${agent}/${call}`;
      const went = waiting.get(key);
      if (went) went.within = span;
      waiting.delete(key);
    },
  };
}
