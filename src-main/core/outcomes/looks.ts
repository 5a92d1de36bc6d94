/** What is looked at for a grading goes on record, and is read from there when the run is replayed. */
import type { Event } from '#contract/events.ts';
import type { Hands } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';

/** The same hands; each of their calls is committed when it is over. */
export function onRecord({ store, run }: { store: Store; run: string }, hands: Hands): Hands {
  return {
    ...hands,
    enforced: hands.enforced,
    async call(tool, input, signal, print) {
      const result = await hands.call(tool, input, signal, print);
      const { ok, text } = result;
      store.commit((writer) => writer.append({ type: 'grading.looked', run, tool, input, ok, text }));
      return result;
    },
    close: () => hands.close(),
  };
}

/** `next`: the recorded call that comes next of exactly this input; undefined: nobody looked at that. */
export function fromRecord(
  next: (tool: string, input: string) => Extract<Event, { type: 'grading.looked' }> | undefined,
): Hands {
  return {
    enforced: [],
    async call(tool, input) {
      const seen = next(tool, JSON.stringify(input));
      const { ok, text } = seen ?? { ok: false, text: 'The recording has no such look.' };
      return { ok, code: ok ? null : 'tool.failed', text, milliseconds: 0 };
    },
    close: async () => {},
  };
}
