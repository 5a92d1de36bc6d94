/** Keeps the machine awake while a run works, but not while it only waits for one of its loops. */
import type { Awake } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';

/** Begins at once; the returned function ends it. */
export function stayAwake(store: Pick<Store, 'listen' | 'read'>, awake: Awake, run: string): () => void {
  let letGo: (() => void) | null = null;
  const look = () => {
    const known = store.read.run(run);
    const works = known !== undefined && known.state !== 'ended' && known.waitingUntil === null;
    if (!works) letGo?.();
    letGo = works ? (letGo ?? awake.hold(`${run} is at work`)) : null;
  };
  look();
  const deaf = store.listen((item) => {
    if (item.kind === 'event' && 'run' in item.event && item.event.run === run) look();
  });
  return () => {
    deaf();
    letGo?.();
    letGo = null;
  };
}
