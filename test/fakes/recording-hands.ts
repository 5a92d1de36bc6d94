/** Hands that do nothing but remember what they were asked, for tests of what stands in front of them. */
import type { HandsResult } from '#contract/hands.ts';
import type { Hands } from '#core/ports.ts';

export interface RecordingHands extends Hands {
  calls: { tool: string; input: Record<string, unknown> }[];
}

/** `answer` may throw, wait, or look at the signal, as real hands do. */
export function recordingHands(
  answer: (
    tool: string,
    input: Record<string, unknown>,
    signal?: AbortSignal,
  ) => Partial<HandsResult> | Promise<Partial<HandsResult>> = () => ({}),
): RecordingHands {
  const calls: RecordingHands['calls'] = [];
  return {
    calls,
    enforced: ['nothing: these hands only remember'],
    async call(tool, input, signal) {
      calls.push({ tool, input });
      return { ok: true, code: null, text: 'ok', exitCode: 0, milliseconds: 1, ...(await answer(tool, input, signal)) };
    },
    close: async () => {},
  };
}
