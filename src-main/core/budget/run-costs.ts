/** A run's events, folded into what each of its requests cost. */
import type { Event } from '#contract/events.ts';
import type { RequestCost, RunCosts } from '#contract/run-costs.ts';
import { noUsage, type Pass } from '#contract/runs.ts';
import { addUsage } from '#contract/state.ts';

/** `events`: all of the run, oldest first. */
export function runCostsOf(run: string, events: readonly Event[]): RunCosts {
  const requests = requestsIn(events);
  return {
    run,
    micros: requests.reduce((sum, one) => sum + one.micros, 0),
    usage: requests.reduce((sum, one) => addUsage(sum, one.usage), noUsage),
    requests,
    turns: [...sums(requests, ({ turn }) => turn)].map(([turn, micros]) => ({ turn, micros })),
    purposes: dearest(sums(requests, ({ purpose }) => purpose)).map(([purpose, micros]) => ({ purpose, micros })),
    agents: dearest(sums(requests, ({ agent }) => agent)).map(([agent, micros]) => ({ agent, micros })),
  };
}

function requestsIn(events: readonly Event[]): RequestCost[] {
  const requests: RequestCost[] = [];
  /** Of the run's own agent, at null, and of each below it. */
  const models = new Map<string | null, string>();
  let turn = 0;
  for (const event of events) {
    const agent = agentOf(event);
    if (event.type === 'run.started' || event.type === 'agent.started') models.set(agent, event.model);
    if (event.type === 'model.switched') models.set(agent, event.to);
    // An agent below counts turns of its own: what it costs belongs to the turn of the run in which it is at work.
    if (event.type === 'turn.started' && agent === null) turn = event.turn;
    const paid = paidIn(event);
    if (!paid) continue;
    const { seq, at } = event;
    const model = models.get(agent) ?? models.get(null) ?? 'unknown';
    requests.push({ seq, at, turn, model, agent, usage: noUsage, presumed: false, ...paid });
  }
  return requests;
}

type Paid = Pick<RequestCost, 'purpose' | 'micros'> &
  Partial<Pick<RequestCost, 'usage' | 'presumed' | 'model' | 'passes'>>;

function paidIn(event: Event): Paid | null {
  switch (event.type) {
    case 'answer.lost':
      return { purpose: 'conversation', micros: event.costMicros, usage: event.usage };
    case 'message.finished':
      return { purpose: 'conversation', micros: event.costMicros, usage: event.usage, ...passesOf(event) };
    case 'history.compacted':
      return { purpose: 'compaction', micros: event.costMicros, usage: event.usage, ...passesOf(event) };
    case 'side.answered': {
      const { purpose, costMicros: micros, usage, model } = event;
      return { purpose, micros, usage, ...(model ? { model } : {}), ...passesOf(event) };
    }
    case 'cost.presumed': {
      const purpose = event.purpose === 'session' ? 'conversation' : event.purpose;
      return { purpose, micros: event.costMicros, presumed: true };
    }
    default:
      return null;
  }
}

const passesOf = ({ passes }: { passes?: Pass[] | undefined }) => (passes ? { passes } : {});

/** Events of an agent below the run's own say which. */
function agentOf(event: Event): string | null {
  return 'agent' in event && typeof event.agent === 'string' ? event.agent : null;
}

function sums<K>(requests: readonly RequestCost[], by: (one: RequestCost) => K): Map<K, number> {
  const found = new Map<K, number>();
  for (const one of requests) found.set(by(one), (found.get(by(one)) ?? 0) + one.micros);
  return found;
}

const dearest = <K>(found: Map<K, number>): [K, number][] => [...found].sort(([, a], [, b]) => b - a);
