/** Both books of one run: what the scripted server counted for each request, and what the product's events say was paid. */
import type { Event } from '#contract/events.ts';
import type { Usage } from '#contract/runs.ts';
import { graderSystem } from '#core/outcomes/grader-prompt.ts';
import { askForSummary } from '#core/session/summary-words.ts';
import { fail, type Received, reply, type Step } from './messages-server.ts';

/** Who asks: the conversation itself, a subagent, or a call beside them. */
export type Who = 'session' | 'agent' | 'compaction' | 'judge' | 'grader';

/** Of one request that cost something. `whole`: the answer came to its end, so that its count is the last word. */
export interface Counted {
  who: Who;
  usage: Usage;
  whole: boolean;
}

export function asker({ body }: Received): Who {
  const system = JSON.stringify(body.system ?? '');
  if (system.includes('You judge whether a goal is reached')) return 'judge';
  if (system.includes(JSON.stringify(graderSystem).slice(1, 80))) return 'grader';
  if (JSON.stringify(body.messages.at(-1)).includes(JSON.stringify(askForSummary).slice(1, 80))) return 'compaction';
  return system.includes('You work the night shift') ? 'session' : 'agent';
}

type Answer = Exclude<Step, (...given: never[]) => unknown>;

/** Answers each asker from a script of its own, in order, and counts. */
export function tallied(scripts: Partial<Record<Who, Answer[]>>): { step: Step; book: Counted[] } {
  const book: Counted[] = [];
  const left = new Map(Object.entries(scripts).map(([who, steps]) => [who, [...steps]]));
  const step: Step = (request) => {
    const who = asker(request);
    const next = left.get(who)?.shift() ?? fail(400, { message: `nothing left for the ${who}`, headers: {} });
    // What is refused, dropped or never answered is nowhere in the server's count.
    if (next.kind === 'reply') {
      const { input_tokens: input, output_tokens: output } = next.usage;
      const { cache_read_input_tokens: cacheRead, cache_creation_input_tokens: cacheWrite } = next.usage;
      book.push({ who, usage: { input, output, cacheRead, cacheWrite }, whole: next.cutAfter === undefined });
    }
    return next;
  };
  return { step, book };
}

/** Each count is another one, in all four classes, so that none can stand for another. */
export function counting() {
  let nth = 0;
  return (content: Parameters<typeof reply>[0], more: { input?: number; cutAfter?: number } = {}): Answer => {
    nth += 1;
    const { input = 101 * nth, cutAfter } = more;
    const usage = { input_tokens: input, output_tokens: 13 * nth + 1 };
    const cached = { cache_read_input_tokens: 1009 * nth, cache_creation_input_tokens: 37 * nth };
    return { ...reply(content, { usage: { ...usage, ...cached } }), ...(cutAfter === undefined ? {} : { cutAfter }) };
  };
}

/** What of an event was paid for and counted; null: nothing. */
export function paidIn(event: Event): { who: string; usage: Usage; costMicros: number } | null {
  const agent = 'agent' in event && event.agent !== undefined && event.agent !== null;
  switch (event.type) {
    case 'message.finished':
    case 'answer.lost':
      return { who: agent ? 'agent' : 'session', usage: event.usage, costMicros: event.costMicros };
    case 'history.compacted':
      return { who: 'compaction', usage: event.usage, costMicros: event.costMicros };
    case 'side.answered':
      return { who: event.purpose, usage: event.usage, costMicros: event.costMicros };
    default:
      return null;
  }
}
