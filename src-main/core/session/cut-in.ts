/** Lets a person into a session that is busy: what it does now is stopped, and the run goes on. */
import type { Event } from '#contract/events.ts';
import type { Store } from '#core/store/event-log.ts';
import { failure } from '#core/tools/tool.ts';
import type { History } from './conversation.ts';

export interface CutIn {
  /** Hears of events as they are committed. */
  hear(event: Event): void;
  /** Aborts when somebody cuts in from now on. */
  begin(): AbortSignal;
  /** Does what waits for nothing that the model or a tool does: any word of a person ends it. */
  resting<T>(rest: () => Promise<T>): Promise<T>;
  /** Somebody has cut in since `begin`. */
  readonly happened: boolean;
}

export function createCutIn(): CutIn {
  let now = new AbortController();
  let rests = false;
  return {
    hear(event) {
      if (event.type === 'person.said' && (event.interrupt || rests)) now.abort('cut_in');
    },
    begin() {
      now = new AbortController();
      return now.signal;
    },
    async resting(rest) {
      rests = true;
      try {
        return await rest();
      } finally {
        rests = false;
      }
    },
    get happened() {
      return now.signal.aborted;
    },
  };
}

/** Records it: each call that is open gets a result that says so. */
export function interrupted(
  { store, run }: { store: Store; run: string },
  { pending, turns }: Readonly<History>,
): void {
  store.commit((writer) => {
    writer.append({ type: 'turn.interrupted', run, turn: turns });
    for (const call of pending) {
      const { ok, code, text, view } = call.begun ? cutOff : notBegun;
      writer.append({ type: 'tool.finished', run, call: call.id, ok, code, text, view });
    }
  });
}

const cutOff = failure(
  'run.interrupted',
  'A person interrupted this call. It may have happened in part. Look at the state of the files before you repeat it.',
);
const notBegun = failure('run.interrupted', 'A person interrupted before this call began; it was not done.');
