/** Puts a summary in the place of a conversation that fills its model's context, at a clean point and as an event of its own. */
import type { Message, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { ContentBlock } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { noUsage } from '#contract/runs.ts';
import { brokenOff } from '#core/budget/failed-try.ts';
import { type Bill, meterFor } from '#core/budget/meter.ts';
import { alertOfPrices } from '#core/budget/price-alert.ts';
import type { Purse, Reservation } from '#core/budget/purse.ts';
import type { Paid } from '#core/budget/worst.ts';
import type { ModelRequest, ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Asked } from './asked.ts';
import { textOf } from './blocks.ts';
import type { History } from './conversation.ts';
import { payerOf } from './limits.ts';
import type { Loops } from './loops.ts';
import { offeredTools } from './offer.ts';
import { skillsAgain } from './skills-again.ts';
import { refused } from './stop-reasons.ts';
import { afterwards, askForSummary, transcript } from './summary-words.ts';

interface Parts {
  store: Store;
  model: ResolvedModel;
  run: string;
  spec: RoutineSpec;
  signal: AbortSignal;
  purse: Purse;
  asked: Readonly<Asked>;
  loops: Readonly<Loops>;
}

/** Part of the context that a prompt may fill before the conversation is summarised; the rest is for the answer. */
const fillAtMost = 0.8;
/** Tokens of a summary at most. */
const longestSummary = 8_000;
/** Bytes of a token, on average and rather too few. */
const bytesOfToken = 3;

/** The next prompt would leave too little of the context for an answer. False where the size of the context is not known. */
export function nearlyFull({ lastRequest, bytes }: Readonly<History>, { window }: ResolvedModel): boolean {
  if (!window || !lastRequest) return false;
  return lastRequest.tokens + Math.max(0, bytes - lastRequest.bytes) / bytesOfToken > window * fillAtMost;
}

/** Without a summary the model gives no further answer. */
export const isNeeded = ({ stopReason }: Readonly<History>, { full }: { full: boolean }): boolean =>
  full || stopReason === 'model_context_window_exceeded';

/**
 * `room`: what the summary may cost. `full`: the conversation as it is does not fit any more, so a shortened account of it
 * is summarised. Throws `model.*`; `model.context_full` when there is nothing left to shorten.
 */
export async function compact(
  parts: Parts,
  history: Readonly<History>,
  system: string,
  room: Paid & { full: boolean },
): Promise<void> {
  if (history.messages.length <= history.instructions.length + 1)
    throw new Fault('model.context_full', 'Even a summary of the conversation does not fit into the model’s context.', {
      cure: 'Give the routine a shorter prompt, or a model with a larger context.',
    });
  const { store, run, spec, model, asked, loops } = parts;
  const maxTokens = Math.min(room.tokens, longestSummary);
  const messages = room.full ? [shortened(history, model)] : [...history.messages, said(askForSummary)];
  // The same tools and the same effort as ever, or nothing of the conversation would be read from the cache.
  const request: ModelRequest = {
    system,
    ...(room.full ? { tools: [] } : offeredTools(history)),
    messages,
    maxTokens,
    effort: spec.effort,
  };
  const { message, bill, reservation } = await paid(parts, request, room);
  const summary = textOf(message.content as unknown as ContentBlock[]);
  const refusal = summary === '' || message.stop_reason === 'refusal' ? notSummarised(message) : null;
  if (refusal) {
    charge(parts, bill, reservation);
    throw refusal;
  }
  const skills = skillsAgain(history.usedSkills, model.window);
  const text = afterwards({ summary, said: history.said, questions: asked.questions, loops: loops.alive, skills });
  const before = history.lastRequest?.tokens ?? 0;
  const { usage, counted, presumed, all, passes, notices } = bill;
  store.commit((writer) => {
    if (presumed) writer.append(presumed);
    writer.append({
      ...{ type: 'history.compacted', run, why: room.full ? 'full' : 'nearly_full' },
      ...{ text, before, usage: usage ?? noUsage, costMicros: counted },
      ...(passes.length > 0 ? { passes } : {}),
    });
    alertOfPrices(store, writer, run, notices);
    reservation.settle(writer, all);
  });
}

function notSummarised({ stop_reason, stop_details }: Message): Fault {
  if (stop_reason === 'refusal') return refused(stop_details);
  return new Fault('model.stopped_oddly', 'The model did not summarise the conversation when it had to be shortened.', {
    cure: 'Run it again, or give the routine a smaller task.',
  });
}

const said = (text: string): MessageParam => ({ role: 'user', content: [{ type: 'text', text }] });

/** What a model whose context is not known is taken to hold, in tokens. */
const smallWindow = 32_000;

function shortened({ messages }: Readonly<History>, { window = smallWindow }: ResolvedModel): MessageParam {
  return said(`${transcript(messages, (window / 2) * bytesOfToken)}\n\n${askForSummary}`);
}

interface Answered {
  message: Message;
  bill: Bill;
  reservation: Reservation;
}

/** The whole answer, not settled yet; what a broken one came to is settled and recorded. */
async function paid(parts: Parts, request: ModelRequest, { worst, prompt, aside }: Paid): Promise<Answered> {
  const { store, run, model, purse, asked, signal } = parts;
  const reservation = store.commit((writer) =>
    purse.reserve(writer, payerOf(parts, asked), 'compaction', worst, aside),
  );
  const reserved = { prompt, all: worst + aside, longest: request.maxTokens };
  const meter = meterFor(run, 'compaction', model, reserved);
  try {
    for await (const chunk of model.stream(request, signal)) {
      if (meter.hear(chunk)) throw brokenOff('The server counts more for the summary than was reserved for it.');
      if (chunk.kind === 'message') return { message: chunk.message, bill: meter.whole(chunk.message), reservation };
    }
    throw brokenOff('The summary ended without its last part.');
  } catch (error) {
    charge(parts, meter.lost(error), reservation);
    throw error;
  }
}

/** For a call that brought no summary. */
function charge({ store, run }: Parts, { usage, counted, presumed, all }: Bill, reservation: Reservation): void {
  store.commit((writer) => {
    if (usage) writer.append({ type: 'side.answered', run, purpose: 'compaction', usage, costMicros: counted });
    if (presumed) writer.append(presumed);
    reservation.settle(writer, all);
  });
}
