/** One model call beside the conversation: reserved at its worst in the run's own purse, settled and recorded, never unbounded. */
import type { ContentBlockParam, Message } from '@anthropic-ai/sdk/resources/messages';
import type { ContentBlock } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { noUsage } from '#contract/runs.ts';
import type { Clock, ModelRequest, ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { brokenOff } from './failed-try.ts';
import { type Bill, meterFor } from './meter.ts';
import { alertOfPrices } from './price-alert.ts';
import type { Payer, Purse, Reservation } from './purse.ts';
import { noTries, tryOnce } from './retries.ts';
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
  /** Of the JSON that the answer is to be, where the model can be bound to one. */
  schema?: AnswerSchema;
}

export type AnswerSchema = Readonly<Record<string, unknown>>;

/** A turn of a conversation that is none of the run's own: with tools, and a history of its own that is only ever extended. */
export interface SideTurn
  extends Pick<ModelRequest, 'system' | 'tools' | 'messages' | 'effort' | 'thinking' | 'strict' | 'format'> {
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
  const { purpose, system, text, schema } = question;
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }];
  const quick = { effort: 'low', thinking: 'off', longest, patience } as const;
  const asked = { ...quick, tools: [], purpose, system, messages };
  const bound = schema && parts.model.structured?.() ? { format: { schema } } : {};
  return answerText(await askBound(parts, { ...asked, ...bound }, signal));
}

/** Not every address says plainly what it refuses of a request. */
const refusals: ReadonlySet<string> = new Set(['model.schema_refused', 'model.bad_request']);

/** Where the API refuses the schemas the same is asked without them, and that stands in the record. */
export async function askBound(parts: SideParts, question: SideTurn, signal: AbortSignal): Promise<Message> {
  try {
    return await turnBeside(parts, question, signal);
  } catch (error) {
    const { format, strict, ...free } = question;
    if (!(error instanceof Fault) || !refusals.has(error.code) || !(format || strict)) throw error;
    const { store } = parts;
    const { run } = parts.payer();
    const turn = Math.max(1, store.read.run(run)?.turns ?? 1);
    const message = `${error.message} It is asked again without it.`;
    store.commit((writer) =>
      writer.append({
        ...{ type: 'model.retrying', run, turn, purpose: question.purpose },
        ...{ attempt: 1, status: 400, message, waitMs: 0 },
      }),
    );
    return await turnBeside(parts, free, signal);
  }
}

/**
 * As `askBeside`, for one turn with tools; gives the whole answer, however it stopped. Throws a `FailedTry` that says
 * when a limit lifts: then the run itself has to wait.
 */
export async function turnBeside(parts: SideParts, question: SideTurn, signal: AbortSignal): Promise<Message> {
  const { store, payer, model } = parts;
  const { run } = payer();
  const tokens = Math.ceil(JSON.stringify(question.messages).length / 4);
  let said: Message | null = null;
  for (let tries = noTries; said === null; ) {
    signal.throwIfAborted();
    const place = await model.enter?.(tokens, signal);
    try {
      const reservation = await reserve(parts, question, signal);
      const about = { turn: Math.max(1, store.read.run(run)?.turns ?? 1), purpose: question.purpose };
      tries = await tryOnce({ ...parts, run }, tries, about, signal, async () => {
        said = await inTime(parts, question, reservation, signal).finally(() => place?.leave());
      });
    } finally {
      place?.leave();
    }
  }
  return said;
}

/** Only the answer itself has to come in time: how long an account asks to wait is nobody's fault here. */
async function inTime(
  parts: SideParts,
  question: SideTurn,
  reservation: Reservation,
  signal: AbortSignal,
): Promise<Message> {
  const { patience } = question;
  const late = new AbortController();
  const cancel = parts.clock.after(patience, () =>
    late.abort(new Fault('model.unreachable', `The model did not answer in ${patience / 1000} s.`)),
  );
  try {
    return await stream(parts, question, reservation, AbortSignal.any([signal, late.signal]));
  } finally {
    cancel();
  }
}

/** What the question comes to at most, and with its answer; millionths of a US dollar. */
function worstOf(
  { model }: SideParts,
  { system, tools, messages, longest }: SideTurn,
): { prompt: number; all: number } {
  // No token is shorter than a byte.
  const said = messages.flatMap(({ content }) => (typeof content === 'string' ? content : content.map(textOrBlock)));
  const tokens = Buffer.byteLength(JSON.stringify([system, ...tools, ...said]));
  return { prompt: worstCost(model.rates, tokens, 0), all: worstCost(model.rates, tokens, longest) };
}

const textOrBlock = (block: ContentBlockParam) => (block.type === 'text' ? block.text : block);

async function reserve(parts: SideParts, question: SideTurn, signal: AbortSignal): Promise<Reservation> {
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
  question: SideTurn,
  reservation: Reservation,
  signal: AbortSignal,
): Promise<Message> {
  const { store, payer, model } = parts;
  const { purpose, longest, patience: _, ...said } = question;
  const request: ModelRequest = { ...said, maxTokens: longest };
  const { run } = payer();
  const worst = worstOf(parts, question);
  const meter = meterFor(run, purpose, model, { ...worst, longest });
  const began = parts.clock.now();
  const settle = ({ usage, counted, presumed, all, passes, notices }: Bill, said?: Message) =>
    store.commit((writer) => {
      reservation.settle(writer, all);
      const paid = { usage: usage ?? noUsage, costMicros: counted, ...(passes.length > 0 ? { passes } : {}) };
      if (usage || said)
        writer.append({
          ...{ type: 'side.answered', run, purpose, ...paid, ...(said ? answerOf(model, said) : {}) },
          milliseconds: Math.max(0, Math.round(parts.clock.now() - began)),
        });
      if (presumed) writer.append(presumed);
      alertOfPrices(store, writer, run, notices);
    });
  let answer: Message | undefined;
  try {
    for await (const chunk of model.stream(request, signal)) {
      if (meter.hear(chunk)) throw countedTooMuch();
      if (chunk.kind !== 'message') continue;
      answer = chunk.message;
      break;
    }
    if (!answer) throw brokenOff('The answer ended without its last part.');
  } catch (error) {
    settle(meter.lost(error));
    throw error;
  }
  settle(meter.whole(answer), answer);
  return answer;
}

function countedTooMuch(): Fault {
  const message =
    'The model server counts more for this question than its text can come to, so the answer was not waited for.';
  return new Fault('limit.dollars', message, {
    cure: 'Choose another model server, or raise limits.dollars of the routine.',
  });
}
const answerOf = ({ id: model }: ResolvedModel, { id, content, stop_reason }: Message) => ({
  model,
  answer: { id, content: content as unknown as ContentBlock[], stopReason: stop_reason ?? 'none' },
});

/** Empty when it was cut, refused, or is anything but text. */
export function answerText({ content, stop_reason }: Message): string {
  const said = content.filter(({ type }) => type !== 'thinking' && type !== 'redacted_thinking');
  const [only] = said;
  return said.length === 1 && only?.type === 'text' && stop_reason === 'end_turn' ? only.text : '';
}
