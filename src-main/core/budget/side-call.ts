/** One model call beside the conversation: reserved at its worst in the run's own purse, settled and recorded, never unbounded. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { Fault } from '#contract/faults.ts';
import type { Usage } from '#contract/runs.ts';
import type { Clock, ModelRequest, ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { chargeFor, presumedOf, presumedOfLost } from './charge.ts';
import { brokenOff } from './failed-try.ts';
import type { Payer, Purse, Reservation } from './purse.ts';
import { againAfter, gaveUp, noTries, pause } from './retries.ts';
import { worstCost } from './worst.ts';

export interface SideParts {
  store: Store;
  clock: Clock;
  purse: Purse;
  model: ResolvedModel;
  /** As the caps stand now. */
  payer(): Payer;
}

/** One question without tools and without a history. */
export interface SideQuestion {
  /** For the record: `classifier`, `probe`. */
  purpose: string;
  system: string;
  text: string;
}

/** Tokens; enough for one sentence after some thinking, which not every model can leave out. */
const longest = 2_048;
/** Milliseconds; a run waits for this answer. */
const patience = 60_000;

/**
 * The text of the answer, when it came to its end by itself. Throws `model.*` faults, `limit.dollars` and `limit.day`
 * when it cannot be paid for, and the reason of `signal`.
 */
export async function askBeside(parts: SideParts, question: SideQuestion, signal: AbortSignal): Promise<string> {
  const { store, clock, model, payer } = parts;
  const { purpose } = question;
  const { run } = payer();
  signal.throwIfAborted();
  const late = new AbortController();
  const either = AbortSignal.any([signal, late.signal]);
  let reservation = await reserve(parts, question, signal);
  const cancel = clock.after(patience, () =>
    late.abort(new Fault('model.unreachable', `The model did not answer in ${patience / 1000} s.`)),
  );
  try {
    for (let tries = noTries; ; ) {
      try {
        return answerText(await stream(parts, question, reservation, either));
      } catch (error) {
        const again = either.aborted ? null : againAfter(error, tries, model.retries, `${run}/${purpose}`);
        if (!again) throw gaveUp(error, tries);
        const { attempt, status, message, waitMs } = again;
        const turn = Math.max(1, store.read.run(run)?.turns ?? 1);
        store.commit((writer) =>
          writer.append({ type: 'model.retrying', run, turn, attempt, status, message, waitMs, purpose }),
        );
        await pause(clock, waitMs, either);
        tries = again.tries;
        reservation = await reserve(parts, question, either);
      }
    }
  } finally {
    cancel();
  }
}

/** What the question comes to at most, and with its answer; millionths of a US dollar. */
function worstOf({ model }: SideParts, { system, text }: SideQuestion): { prompt: number; all: number } {
  const tokens = Buffer.byteLength(JSON.stringify([system, text]));
  return { prompt: worstCost(model.rates, tokens, 0), all: worstCost(model.rates, tokens, longest) };
}

async function reserve(parts: SideParts, question: SideQuestion, signal: AbortSignal): Promise<Reservation> {
  const { store, purse, payer } = parts;
  const { all: worst } = worstOf(parts, question);
  for (;;) {
    const accounts = purse.accounts(payer());
    const short = accounts.find(({ cap, spent }) => cap - spent < worst);
    if (short)
      throw new Fault(
        short.scope === 'run' ? 'limit.dollars' : 'limit.day',
        `The cap of $${short.cap / 1e6} leaves no room for a second opinion.`,
        { cure: 'Raise limits.dollars of the routine, or the cap of the day.' },
      );
    if (accounts.every(({ cap, spent, reserved }) => cap - spent - reserved >= worst))
      return store.commit((writer) => purse.reserve(writer, payer(), question.purpose, worst));
    await purse.freed(signal);
  }
}

async function stream(
  parts: SideParts,
  question: SideQuestion,
  reservation: Reservation,
  signal: AbortSignal,
): Promise<Message> {
  const { store, payer, model } = parts;
  const { purpose, system, text } = question;
  const request: ModelRequest = {
    ...{ system, tools: [], maxTokens: longest, effort: 'low', thinking: 'off' },
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
  };
  const { run } = payer();
  const { prompt } = worstOf(parts, question);
  const settle = (usage: Usage, bytes: number) => {
    const { counted, presumed } = chargeFor(model.rates, usage, prompt, bytes);
    const guess = presumedOf(run, purpose, presumed, 'not_counted');
    store.commit((writer) => {
      reservation.settle(writer, counted + presumed);
      writer.append({ type: 'side.answered', run, purpose, usage, costMicros: counted });
      if (guess) writer.append(guess);
    });
  };
  const presume = (error: unknown) => {
    const guess = presumedOf(run, purpose, presumedOfLost(error, prompt), 'no_answer');
    store.commit((writer) => {
      reservation.settle(writer, guess?.costMicros ?? 0);
      if (guess) writer.append(guess);
    });
  };
  let begun: Usage | null = null;
  let settled = false;
  let bytes = 0;
  try {
    for await (const chunk of model.stream(request, signal)) {
      if (chunk.kind === 'began') begun = chunk.usage;
      else if (chunk.kind === 'delta') bytes += Buffer.byteLength(chunk.text);
      else if (chunk.kind === 'unshown') bytes += chunk.bytes;
      else {
        settled = true;
        settle(usageOf(chunk.message), Buffer.byteLength(JSON.stringify(chunk.message.content)));
        return chunk.message;
      }
    }
    throw brokenOff('The answer ended without its last part.');
  } catch (error) {
    // What broke off in the middle is paid for as far as it came, its output at a token for each byte.
    if (begun && !settled) settle({ ...begun, output: Math.max(begun.output, bytes) }, bytes);
    else if (!settled) presume(error);
    throw error;
  }
}

/** Some servers leave out what they do not count. */
export function usageOf(message: Message): Usage {
  const usage: Partial<Message['usage']> = message.usage ?? {};
  return {
    input: usage.input_tokens ?? 0,
    output: usage.output_tokens ?? 0,
    cacheRead: usage.cache_read_input_tokens ?? 0,
    cacheWrite: usage.cache_creation_input_tokens ?? 0,
  };
}

/** Empty when it was cut, refused, or is anything but text. */
export function answerText({ content, stop_reason }: Message): string {
  const said = content.filter(({ type }) => type !== 'thinking' && type !== 'redacted_thinking');
  const [only] = said;
  return said.length === 1 && only?.type === 'text' && stop_reason === 'end_turn' ? only.text : '';
}
