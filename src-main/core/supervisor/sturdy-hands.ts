/** Hands that are started anew when a command has ended them, and are gone while the host itself works on their files. */
import { Fault } from '#contract/faults.ts';
import type { HandsResult } from '#contract/hands.ts';
import type { Hands } from '#core/ports.ts';

export interface SturdyHands extends Hands {
  /**
   * Does `work` while no process of the run exists: what it left in the background would change files under the host's
   * eyes. Calls wait until it is done and get hands anew, with an empty scratch folder. Throws what `work` throws.
   */
  apart<T>(work: () => Promise<T>): Promise<T>;
}

/** A run whose commands end its hands more often than this has something wrong with it. */
const mostRelaunches = 3;

/** Throws what `launch` throws, then and at each new start; `sandbox.died` when it happens again and again, or after `close`. */
export async function sturdyHands(launch: () => Promise<Hands>): Promise<SturdyHands> {
  let last = await launch();
  /** Null: there are none until somebody calls. */
  let there: Promise<Hands> | null = Promise.resolve(last);
  let apart: Promise<unknown> | null = null;
  let closed = false;
  let relaunches = 0;

  /** One start, for however many wait for it. */
  function begin(dead: Hands | null): Promise<Hands> {
    const begun = (async () => {
      await dead?.close();
      last = await launch();
      return last;
    })();
    // Whoever comes next tries again.
    begun.catch(() => {
      if (there === begun) there = null;
    });
    return begun;
  }

  async function present(): Promise<{ used: Promise<Hands>; hands: Hands }> {
    while (apart) await apart;
    if (closed) throw new Fault('sandbox.died', 'The sandbox is closed.', { cure: 'Start the run again.' });
    there ??= begin(null);
    const used = there;
    return { used, hands: await used };
  }

  async function end(): Promise<void> {
    const open = there;
    there = null;
    await (await open?.catch(() => null))?.close();
  }

  return {
    get enforced() {
      return last.enforced;
    },
    async call(tool, input, signal, print) {
      const { used, hands } = await present();
      try {
        return await hands.call(tool, input, signal, print);
      } catch (error) {
        const died = error instanceof Fault && error.code === 'sandbox.died';
        if (!died || signal?.aborted || closed) throw error;
        if (there === used) {
          if (relaunches === mostRelaunches) throw error;
          relaunches++;
          there = begin(hands);
        }
        await present();
        return startedAnew(error.message);
      }
    },
    async apart(work) {
      while (apart) await apart;
      const working = end().then(work);
      const over = working.catch(() => {});
      apart = over;
      try {
        return await working;
      } finally {
        if (apart === over) apart = null;
      }
    },
    async close() {
      closed = true;
      await end();
    },
  };
}

function startedAnew(why: string): HandsResult {
  const text = `${why}\nThe sandbox was started anew: files are as they were, processes are gone. Do not do the same again.`;
  return { ok: false, code: 'sandbox.died', text, exitCode: null, milliseconds: 0 };
}
