/** Whether a failed try is followed by another, and after how long. Each try is a reservation of its own; nothing below asks again by itself. */
import { Fault } from '#contract/faults.ts';
import type { Clock, ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { FailedTry } from './failed-try.ts';

/** Tries in a row that brought no answer. */
export interface Tries {
  failed: number;
  /** Of these, answers that had begun, or may have. */
  broken: number;
}
export const noTries: Tries = { failed: 0, broken: 0 };

/** A broken stream is asked for again this often in a row: each may have cost its prompt. */
const brokenStreams = 2;
/** What does not pass by itself is not asked for longer than some seconds. */
const unexplained = 4;
/** Milliseconds; the wait doubles from the first to the longest. */
const [firstWait, longestWait] = [1000, 60_000];

interface Again {
  /** As it will be when the wait is over. */
  tries: Tries;
  /** The try that failed, from 1. */
  attempt: number;
  waitMs: number;
  status: number | null;
  message: string;
}

interface Parts {
  store: Store;
  clock: Clock;
  model: Pick<ResolvedModel, 'retries'>;
  run: string;
}

/**
 * Does `once`. Where it throws a failed try that can be made again, that is recorded and waited for, and the tries are
 * given that have failed in a row; it is the caller's to look at the caps anew and to try again. None: it went well.
 * Throws what else `once` throws, a failed try with how often it was made, and the reason of `signal`.
 */
export async function tryOnce(
  { store, clock, model, run }: Parts,
  tries: Tries,
  about: { turn: number; purpose?: string },
  signal: AbortSignal,
  once: () => Promise<void>,
): Promise<Tries> {
  try {
    await once();
    return noTries;
  } catch (error) {
    const again = signal.aborted ? null : againAfter(error, tries, model.retries, `${run}/${JSON.stringify(about)}`);
    if (!again) throw gaveUp(error, tries);
    const { attempt, status, message, waitMs } = again;
    store.commit((writer) =>
      writer.append({ type: 'model.retrying', run, ...about, attempt, status, message, waitMs }),
    );
    await pause(clock, waitMs, signal);
    return again.tries;
  }
}

/** `most`: tries after the first. `seed`: spreads runs that failed together. Null: it is over. */
export function againAfter(error: unknown, tries: Tries, most: number, seed: string): Again | null {
  if (!(error instanceof FailedTry)) return null;
  const { again, passes, waitMs, status, said, mayBeBilled } = error.facts;
  const broken = error.code === 'model.stream_broken';
  const left = broken ? brokenStreams - tries.broken : Math.min(most, passes ? most : unexplained) - tries.failed;
  // What may have been billed without an answer is not asked for again and again, whatever it failed of.
  if (!again || left <= 0 || (mayBeBilled && tries.broken >= brokenStreams)) return null;
  const attempt = tries.failed + 1;
  const next = { failed: attempt, broken: tries.broken + (mayBeBilled ? 1 : 0) };
  const at = spread(`${seed}/${attempt}`);
  const doubled = Math.min(longestWait, firstWait * 2 ** tries.failed);
  // Never shorter than it was asked for; a stream that broke by itself is asked for at once, the first time.
  const asked = waitMs === null ? null : waitMs * (1 + at / 10);
  const own = broken && status === null && tries.broken === 0 ? 0 : doubled * (0.75 + at / 2);
  return { tries: next, attempt, waitMs: Math.ceil(asked ?? own), status, message: said };
}

/** The error that ends it, with how often it was tried. */
export function gaveUp(error: unknown, { failed }: Tries): unknown {
  if (!(error instanceof FailedTry) || failed === 0 || error.facts.liftsInMs !== undefined) return error;
  const { code, message, field, cure, cause } = error;
  const more = { ...(field ? { field } : {}), ...(cure ? { cure } : {}), cause };
  return new Fault(code, `${message.replace(/\.?$/, '.')} It was asked ${failed + 1} times.`, more);
}

/** Resolves after so many milliseconds of `clock`. Rejects with the reason of `signal`. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    if (ms <= 0) return resolve();
    const stop = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** From 0 to below 1, the same for the same text: FNV-1a, mixed once more for its upper bits. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
