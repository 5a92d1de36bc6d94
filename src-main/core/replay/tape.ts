/** A recorded run as a tape: what came from outside is read from it in order, time included, whatever the engine does beside it. */
import type { Draft, Event } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import type { Clock, Ids } from '#core/ports.ts';

export interface Tape {
  /** Stands still between events. Nothing ever waits for it: what a timer would begin has happened by then. */
  clock: Clock;
  /** Questions get the ids that they had. */
  ids: Ids;
  /** Everything up to and with the event at this index has happened. */
  passed(index: number): void;
  /** Everything is recorded that happens from here on. */
  rest(): readonly Event[];
  /** Takes what is recorded next of such a kind, with the place after it as the present. Undefined: nothing more. */
  take<T extends Event['type']>(type: T, wanted?: (event: Extract<Event, { type: T }>) => boolean): Of<T> | undefined;
  /** What is recorded of one tool call, up to its result or to the question that it waits for; empty when nothing is. */
  call(id: string): Event[];
  /** What the engine has to record, as it was recorded where both differ in nothing but instants. */
  timed(draft: Draft): Draft;
}

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

/** `events`: oldest first. */
export function createTape(events: readonly Event[]): Tape {
  let at = 0;
  /** A wait that is over; milliseconds since the epoch. */
  let waited = 0;
  const now = () => Math.max(waited, Date.parse((events[at - 1] ?? events[0])?.at ?? '') || 0);
  let made = 0;
  let carried: Event[] = [];

  function take<T extends Event['type']>(type: T, wanted: (event: Of<T>) => boolean = () => true): Of<T> | undefined {
    const index = events.findIndex((event, i) => i >= at && event.type === type && wanted(event as Of<T>));
    if (index < 0) return undefined;
    at = index + 1;
    return events[index] as Of<T>;
  }

  /** A machine may have slept, or no host may have run, far beyond the instant that was waited for. */
  function nextFiring(): number {
    const fired = events.find((event, index) => index >= at && event.type === 'loop.fired');
    return fired ? Date.parse(fired.at) : 0;
  }

  return {
    clock: { now, after: () => () => {} },
    ids: {
      next(prefix) {
        const asked = events.slice(at).find((event) => event.type === 'question.asked');
        if (prefix === 'ask' && asked?.type === 'question.asked') return asked.question.id;
        return `${prefix}-${String(++made).padStart(8, '0')}`;
      },
    },
    passed(index) {
      at = Math.max(at, index + 1);
    },
    rest: () => events.slice(at),
    take,
    call(id) {
      const own = carried.filter((event) => 'call' in event && event.call === id);
      carried = carried.filter((event) => !own.includes(event));
      if (own.some((event) => endsCall(event, id))) return own;
      const rest = events.slice(at);
      const end = rest.findIndex((event) => endsCall(event, id));
      if (end < 0) return [];
      at += end + 1;
      const asked = rest[end]?.type === 'question.asked' ? rest[end + 1] : undefined;
      const parked = asked?.type === 'run.parked' ? [asked] : [];
      at += parked.length;
      // Calls that were done at the same time come out of the tape one after the other.
      carried.push(...rest.slice(0, end + 1).filter((event) => 'call' in event && event.call !== id));
      return [...own, ...rest.slice(0, end + 1).filter((event) => belongs(event, id)), ...parked];
    },
    timed(draft) {
      if (!bound.has(draft.type)) return draft;
      const wanted = withoutInstants(draft);
      const found = take(draft.type, (event) => withoutInstants(event) === wanted);
      if (draft.type === 'run.waiting') waited = Math.max(Date.parse(draft.until), nextFiring());
      return found ? asDraft(found) : draft;
    },
  };
}

/** The question that a recorded event asks. */
export function questionIn(events: readonly Event[]): Question | null {
  const asked = events.find((event) => event.type === 'question.asked');
  return asked?.type === 'question.asked' ? asked.question : null;
}

export function asDraft({ seq: _, at: __, ...draft }: Event): Draft {
  return draft as Draft;
}

/** What the engine itself records with instants in it. */
const bound: ReadonlySet<Event['type']> = new Set([
  ...(['message.added', 'loop.created', 'loop.scheduled', 'loop.fired', 'loop.ended', 'run.waiting'] as const),
]);

const instant = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

function withoutInstants({ seq: _, at: __, ...body }: Draft & { seq?: number; at?: string }): string {
  const text = JSON.stringify(Object.entries(body).sort());
  // In the routine's own words an instant is what somebody wrote, unless a loop was set up in them.
  const own = body.type === 'message.added' && body.from === 'routine' && !/ loop-\d+ of this session/.test(text);
  return own ? text : text.replace(instant, '');
}

function endsCall(event: Event, id: string): boolean {
  if (event.type === 'tool.finished') return event.call === id;
  return event.type === 'question.asked' && 'call' in event.question.action && event.question.action.call === id;
}

/** Loops and used approvals change within a call and do not name it; calls are done one after the other. */
const within: ReadonlySet<Event['type']> = new Set([
  ...(['loop.created', 'loop.scheduled', 'loop.ended', 'question.used', 'question.asked'] as const),
]);

function belongs(event: Event, id: string): boolean {
  return within.has(event.type) || ('call' in event && event.call === id);
}
