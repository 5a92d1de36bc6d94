/** Hands that are started anew when a command has ended them: a tool cannot end a session. */
import { Fault } from '#contract/faults.ts';
import type { HandsResult } from '#contract/hands.ts';
import type { Hands } from '#core/ports.ts';

/** A run whose commands end its hands more often than this has something wrong with it. */
const mostRelaunches = 3;

/** Throws what `launch` throws, then and at each new start; `sandbox.died` when it happens again and again. */
export async function sturdyHands(launch: () => Promise<Hands>): Promise<Hands> {
  let hands = await launch();
  let relaunches = 0;
  return {
    get enforced() {
      return hands.enforced;
    },
    async call(tool, input, signal, print) {
      try {
        return await hands.call(tool, input, signal, print);
      } catch (error) {
        const died = error instanceof Fault && error.code === 'sandbox.died';
        if (!died || signal?.aborted || relaunches === mostRelaunches) throw error;
        relaunches++;
        await hands.close();
        hands = await launch();
        return startedAnew(error.message);
      }
    },
    close: () => hands.close(),
  };
}

function startedAnew(why: string): HandsResult {
  const text = `${why}\nThe sandbox was started anew: files are as they were, processes are gone. Do not do the same again.`;
  return { ok: false, code: 'sandbox.died', text, exitCode: null, milliseconds: 0 };
}
