/** The wait for room at the account: one that lasts is said, and takes no working time. */
import type { Clock, Place, ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { History } from './conversation.ts';
import type { Deadline } from './limits.ts';

/** Milliseconds: a shorter wait is no news. */
const soon = 2_000;

interface Parts {
  store: Store;
  clock: Clock;
  run: string;
  model: ResolvedModel;
  signal: AbortSignal;
}

/** Null: nobody limits the model. Throws as `ResolvedModel.enter` does. `prefixBytes`: JSON of system prompt and tools. */
export async function itsTurn(
  { store, clock, run, model, signal }: Parts,
  history: Readonly<History>,
  prefixBytes: number,
  time: Deadline,
): Promise<Place | null> {
  if (!model.enter) return null;
  const turn = model.enter(newTokens(history, prefixBytes), signal);
  let said = false;
  let cancel = () => {};
  const trouble = new Promise<never>((_, reject) => {
    cancel = clock.after(soon, () => {
      try {
        store.commit((writer) => writer.append({ type: 'turn.waiting', run, turn: history.turns + 1 }));
        time.rest();
        said = true;
      } catch (error) {
        reject(error);
      }
    });
  });
  try {
    return await Promise.race([turn, trouble]);
  } catch (error) {
    void turn.then(
      (place) => place.leave(),
      () => {},
    );
    throw error;
  } finally {
    cancel();
    if (said) time.goOn();
  }
}

/** Tokens of the next prompt that are new to the account, about: what it has in its cache does not count. */
function newTokens({ bytes, lastRequest }: Readonly<History>, prefixBytes: number): number {
  return Math.ceil((lastRequest ? Math.max(0, bytes - lastRequest.bytes) : prefixBytes + bytes) / 4);
}
