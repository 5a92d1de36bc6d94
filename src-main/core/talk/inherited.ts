/** What a run that goes on from another one begins with. */
import type { Event } from '#contract/events.ts';
import type { Store } from '#core/store/event-log.ts';

export type Inherited = Extract<Event, { type: 'history.inherited' }>;

/** Null: it began by itself. */
export function inheritedBy(store: Store, run: string): Inherited | null {
  if (!store.read.run(run)?.origin) return null;
  const found = store.events({ after: 0, run, limit: 1000 }).find(({ type }) => type === 'history.inherited');
  return found?.type === 'history.inherited' ? found : null;
}

/** Where its own branch begins; null: at its base. */
export const startOf = (store: Store, run: string): string | null => inheritedBy(store, run)?.start ?? null;
