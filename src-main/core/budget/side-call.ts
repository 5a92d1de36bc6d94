/** One model call beside the conversation: reserved at its worst in the run's own purse, settled and recorded, never unbounded. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { Fault } from '#contract/faults.ts';
import type { Usage } from '#contract/runs.ts';
import type { Clock, ModelRequest, ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { costMicros } from './prices.ts';
import type { Payer, Purse, Reservation } from './purse.ts';
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

/** A turn of a conversation that is none of the run's own: with tools, and a history of its own that is only ever extended. */
export interface SideTurn extends Pick<ModelRequest, 'system' | 'tools' | 'messages' | 'effort' | 'thinking'> {
  purpose: string;
  /** Tokens of the answer at most. */
  longest: number;
  /** Milliseconds that the answer may take. */
  patience: number;
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
  const { purpose, system, text } = question;
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }];
  const quick = { effort: 'low', thinking: 'off', longest, patience } as const;
  return answerText(await turnBeside(parts, { ...quick, tools: [], purpose, system, messages }, signal));
}

/** As `askBeside`, for one turn with tools; gives the whole answer, however it stopped. */
export async function turnBeside(parts: SideParts, question: SideTurn, signal: AbortSignal): Promise<Message> {
  const { clock, model } = parts;
  const { patience } = question;
  signal.throwIfAborted();
  const reservation = await reserve(parts, question, signal);
  const late = new AbortController();
  const cancel = clock.after(patience, () =>
    late.abort(new Fault('model.unreachable', `The model did not answer in ${patience / 1000} s.`)),
  );
  try {
    const either = AbortSignal.any([signal, late.signal]);
    return await stream(parts, question, model, reservation, either);
  } finally {
    cancel();
  }
}

async function reserve(
  { store, purse, model, payer }: SideParts,
  { purpose, system, tools, messages, longest }: SideTurn,
  signal: AbortSignal,
): Promise<Reservation> {
  const worst = worstCost(model.id, Buffer.byteLength(JSON.stringify([system, tools, messages])), longest);
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
      return store.commit((writer) => purse.reserve(writer, payer(), purpose, worst));
    await purse.freed(signal);
  }
}

async function stream(
  { store, payer }: SideParts,
  { purpose, longest, patience: _, ...said }: SideTurn,
  model: ResolvedModel,
  reservation: Reservation,
  signal: AbortSignal,
): Promise<Message> {
  const request: ModelRequest = { ...said, maxTokens: longest };
  const { run } = payer();
  const settle = (usage: Usage | null) =>
    store.commit((writer) => {
      const micros = usage ? costMicros(model.id, usage) : 0;
      reservation.settle(writer, micros);
      if (usage) writer.append({ type: 'side.answered', run, purpose, usage, costMicros: micros });
    });
  let begun: Usage | null = null;
  let bytes = 0;
  try {
    for await (const chunk of model.stream(request, signal)) {
      if (chunk.kind === 'began') begun = chunk.usage;
      else if (chunk.kind === 'delta') bytes += Buffer.byteLength(chunk.text);
      else if (chunk.kind === 'message') {
        begun = null;
        settle(usageOf(chunk.message));
        return chunk.message;
      }
    }
    throw new Fault('model.stream_broken', 'The answer ended without its last part.');
  } catch (error) {
    // What broke off in the middle is paid for as far as it came, its output at a token for each byte.
    settle(begun && { ...begun, output: Math.max(begun.output, bytes) });
    throw error;
  }
}

export function usageOf({ usage }: Message): Usage {
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
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
