/** The one way to a session: the runs of the app, replays, and programs that use `nightshift/sdk` all begin here. */
import type { Delta, Event } from '#contract/events.ts';
import type { Store } from '#core/store/event-log.ts';
import { follow } from '#core/store/follow.ts';
import { createHistory } from './history.ts';
import type { SessionEnd, SessionParts } from './parts.ts';
import { runSession } from './session.ts';
import { closeCalls } from './tool-call.ts';

export interface Agent {
  /**
   * Works until it ends its turn, is parked, held, or meets a limit. What it has done is in the store, so work that broke
   * off, here or in a process that died, goes on by calling it again. Throws `model.*`, `sandbox.*`, `data.*`, and
   * `run.stopped` when its signal is aborted.
   */
  work(): Promise<SessionEnd>;
  /** Adds what a person says, after giving every call that is still open a result: the API wants those first. */
  say(text: string): void;
}

export function createAgent(parts: SessionParts): Agent {
  const { store, run } = parts;
  return {
    work: () => runSession(parts),
    say(text) {
      const { history, apply } = createHistory();
      for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
      // What answers it begins with a flush, and a call that changes anything waits for that.
      store.commit((writer) => {
        closeCalls(writer, run, history.pending);
        writer.append({ type: 'message.added', run, text, from: 'person' });
      }, 'kill');
    },
  };
}

/** Everything about a session after the event `after`, as it is committed, until `signal` aborts; texts also as they are written. */
export async function* sessionEvents(
  store: Store,
  run: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<Event | Delta> {
  for await (const item of follow(store, after, run, signal)) {
    if (item.kind === 'event') yield item.event;
    else if (item.kind === 'delta') yield item;
  }
}
