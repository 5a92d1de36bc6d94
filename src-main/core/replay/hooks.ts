/** Hooks of a recorded run: none is run again, what they said is read from the tape. */
import type { Event } from '#contract/events.ts';
import { type Hooks, nothing, together } from '#core/hooks/hooks.ts';
import type { Store } from '#core/store/event-log.ts';
import { asDraft, type Tape } from './tape.ts';

type Ran = Extract<Event, { type: 'hook.ran' }>;

/** What lies before them on the tape and moves nothing by itself. */
const quiet: ReadonlySet<Event['type']> = new Set(['policy.loaded', 'hooks.loaded', 'run.resumed', 'run.parked']);

/** What subagents do is no part of the run's own conversation. */
const isQuiet = (event: Event & { agent?: string }): boolean => quiet.has(event.type) || event.agent !== undefined;

/** Those that come next, with what belongs to them: about `call` alone where it is given, else about no call. Taken from the tape. */
export function hooksNext(tape: Tape, call: string | null = null): Event[] {
  const rest = tape.rest();
  const first = rest.findIndex((event) => !isQuiet(event));
  const found: Event[] = [];
  for (const event of first < 0 ? [] : rest.slice(first)) {
    if (event.type === 'hook.ran' ? event.call !== call : !ofHook(event, call)) break;
    found.push(event);
  }
  if (!found.some(({ type }) => type === 'hook.ran')) return [];
  for (const event of found) tape.take(event.type, ({ seq }) => seq === event.seq);
  return found;
}

/** A hook whose words speak to the agent taints the run, as a call does. */
function ofHook(event: Event, call: string | null): boolean {
  return event.type === 'run.tainted' && (call === null ? event.call.startsWith('hook-') : event.call === call);
}

export function recordedHooks(store: Store, tape: Tape): Hooks {
  const hooks: Hooks = {
    has: () => true,
    async fire({ moment, turn }) {
      const next = tape.rest().find((event) => !isQuiet(event) && event.type !== 'run.tainted');
      if (next?.type !== 'hook.ran' || next.moment !== moment || next.turn !== turn) return nothing;
      const events = hooksNext(tape, next.call);
      store.commit((writer) => {
        for (const event of events) writer.append(asDraft(event));
      });
      return together(events.filter((event): event is Ran => event.type === 'hook.ran' && event.moment === moment));
    },
  };
  return hooks;
}
