/** The page's one store, and the link that feeds it. */
import { createStore } from 'zustand/vanilla';
import type { ApiClient } from '#contract/api.ts';
import type { Event } from '#contract/events.ts';
import type { Door } from '#link/door.ts';
import { type Link, startLink } from '#link/link.ts';
import { applyHistory, applyItems, applySnapshot } from './apply.ts';
import { initialState, type State } from './model.ts';

export interface Host {
  store: ReturnType<typeof createPageStore>;
  link: Link;
  /** Reads all events of a run, so that its transcript can be shown and goes on by itself. Once is enough. */
  openRun(run: string): Promise<void>;
  /** Asks for the routines, the host's facts and the model's state again. */
  refresh(): Promise<void>;
}

const createPageStore = () => createStore<State>()(() => initialState);

export function startHost(open: () => Promise<Door>, batch: (flush: () => void) => void): Host {
  const store = createPageStore();
  const { getState: get, setState: set } = store;

  const refreshFrom = async (client: ApiClient) => {
    const [host, routines, pausedAll] = await Promise.all([
      client.host.status(),
      client.routines.list(),
      client.routines.pausedAll(),
    ]);
    set({ host, routines, pausedAll });
  };
  // A link that broke meanwhile says so itself, and refreshes when it is back.
  const quietly = (work: Promise<unknown>) => void work.catch(() => undefined);

  const link = startLink(
    open,
    {
      seq: () => get().seq,
      snapshot: (snapshot) => set((state) => applySnapshot(state, snapshot)),
      items(batchOf) {
        const before = get();
        set((state) => applyItems(state, batchOf));
        if (get().routinesStale !== before.routinesStale) quietly(refresh());
      },
      phase: (phase) => set((state) => ({ phase, liveAt: phase.is === 'live' ? Date.now() : leftAt(state) })),
      refreshed(client) {
        quietly(refreshFrom(client));
        for (const run of Object.keys(get().transcripts)) quietly(openRun(run));
      },
    },
    batch,
  );
  const refresh = () => refreshFrom(link.client());

  const openRun = async (run: string) => {
    const events: Event[] = [];
    const page = 5000;
    for (;;) {
      const more = await link.client().runs.events({ run, after: events.at(-1)?.seq ?? 0, limit: page });
      events.push(...more);
      if (more.length < page) break;
    }
    set((state) => applyHistory(state, run, events));
  };

  return { store, link, openRun, refresh };
}

/** The moment the screens stopped being live, kept until they are again. */
function leftAt(state: State): number | null {
  return state.phase.is === 'live' ? Date.now() : state.liveAt;
}
