/** What of a run may be told to its classifier: the person's words and the calls, never a result and never the agent's own words. */
import type { Event } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import { describeCall } from '#contract/state.ts';

export interface SeenCall {
  tool: string;
  input: unknown;
}

/** The result of a call that spoke to the agent. */
export interface Taint {
  call: string;
  /** The call in one line, for people. */
  source: string;
  sign: string;
  excerpt: string;
  unprobed?: string | undefined;
}

export interface Seen {
  /** Oldest first: the routine's prompt, comments, and what was said to questions. */
  words: string[];
  /** Oldest first. */
  calls: SeenCall[];
  /** The first one. */
  taint: Taint | null;
  /** A person has been told that the classifier cannot be asked. */
  alerted: boolean;
}

export interface Witness {
  /** Alive: each `apply` extends it. */
  seen: Readonly<Seen>;
  apply(event: Event): void;
  /** A call in one line, for people. */
  sourceOf(call: string): string;
}

/** Folds a run's committed events, oldest first. */
export function createWitness(): Witness {
  const started = new Map<string, SeenCall>();
  const sourceOf = (call: string) => {
    const from = started.get(call);
    return from ? describeCall(from.tool, from.input) : call;
  };
  const seen: Seen = { words: [], calls: [], taint: null, alerted: false };
  const asked = new Map<string, string>();
  return {
    seen,
    sourceOf,
    apply(event) {
      switch (event.type) {
        case 'message.added':
          // Loops fire with prompts that the agent wrote, and so are those of its subagents.
          if (event.from !== 'nightshift' && event.from !== 'agent') seen.words.push(event.text);
          break;
        case 'history.inherited':
          // A file that came from elsewhere can claim that a person said anything.
          if (event.from.how === 'fork') seen.words.push(...event.said);
          seen.calls.push(...callsIn(event));
          break;
        case 'question.asked':
          asked.set(event.question.id, aboutWhat(event.question));
          break;
        case 'question.answered':
          seen.words.push(...answerWords(event, asked.get(event.question) ?? ''));
          break;
        case 'tool.started': {
          const call = { tool: event.name, input: event.input };
          started.set(event.call, call);
          seen.calls.push(call);
          break;
        }
        case 'web.used': {
          const call = { tool: event.tool, input: event.input };
          started.set(event.call, call);
          seen.calls.push(call);
          break;
        }
        case 'run.tainted':
          seen.taint ??= taintOf(event, sourceOf(event.call));
          break;
        case 'permission.decided':
          if (event.code === 'auto.unavailable') seen.alerted = true;
          break;
        default:
      }
    },
  };
}

function aboutWhat({ action }: Question): string {
  return action.kind === 'tool_call' ? describeCall(action.tool, action.input) : action.kind;
}

/** Only what a person answered, and that it holds for one call. */
function answerWords({ by, state, note }: Extract<Event, { type: 'question.answered' }>, about: string): string[] {
  if (by === 'deadline' || by === 'nightshift') return [];
  return [`(asked about ${JSON.stringify(about)}: ${state}, this once)${note ? ` ${note}` : ''}`];
}

type Inherited = Extract<Event, { type: 'history.inherited' }>;

function callsIn({ messages }: Inherited): SeenCall[] {
  const blocks = messages.flatMap(({ role, content }) => (role === 'assistant' ? content : []));
  return blocks.flatMap(({ type, name, input }) => (type === 'tool_use' ? [{ tool: String(name), input }] : []));
}

function taintOf(
  { call, sign, excerpt, unprobed, inherited }: Extract<Event, { type: 'run.tainted' }>,
  source: Taint['source'],
): Taint {
  return { call, sign, excerpt, unprobed, source: inherited?.source ?? source };
}
