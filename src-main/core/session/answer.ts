/** One answer of the model, reserved before it is asked for and committed when it is there. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { ContentBlock } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { noUsage } from '#contract/runs.ts';
import { brokenOff } from '#core/budget/failed-try.ts';
import { type Bill, meterFor } from '#core/budget/meter.ts';
import { longestPrompt } from '#core/budget/passes.ts';
import { alertOfPrices } from '#core/budget/price-alert.ts';
import type { Reservation } from '#core/budget/purse.ts';
import type { Foreseen } from '#core/budget/surprises.ts';
import type { Asked } from './asked.ts';
import { toolUses } from './blocks.ts';
import { cacheMiss, keptForAnHour } from './cache.ts';
import { lastingBefore } from './call-record.ts';
import type { History } from './conversation.ts';
import { type Affordable, payerOf } from './limits.ts';
import { noAnswer } from './no-answer.ts';
import { offeredTools } from './offer.ts';
import type { SessionParts } from './parts.ts';
import { refused } from './stop-reasons.ts';

/**
 * One answer, committed. One that was lost is paid for and thrown as a failed try, and may be asked for again. One that
 * costs more than was reserved as soon as it begins is not waited for, and paid for as far as it came.
 */
export async function answer(
  given: SessionParts & { asked: Readonly<Asked> },
  history: Readonly<History>,
  system: string,
  { tokens: maxTokens, worst, prompt, aside, foreseen }: Affordable,
): Promise<void> {
  const parts = { ...given, foreseen, longest: maxTokens };
  const { store, model, run, spec, signal, purse, asked } = parts;
  const turn = history.turns + 1;
  const reservation = store.commit((writer) => {
    writer.append({ type: 'turn.started', run, turn });
    return purse.reserve(writer, payerOf(parts, asked), 'session', worst, aside);
  }, 'kill');
  const request = {
    system,
    ...offeredTools(history),
    messages: history.messages,
    maxTokens,
    effort: spec.effort,
    previous: history.lastId,
    ...(keptForAnHour(history) ? { hour: true } : {}),
    // What is reserved is on the disk within a second, mostly in a millisecond: a power cut in between forgets it, and then
    // the next host counts one more request for the run. Of the first nobody could know what it cost, so it is waited for.
    ready: turn === 1 ? store.flush() : store.keepUp(),
  };
  const meter = meterFor(run, 'session', model, { prompt, all: worst + aside, longest: maxTokens });
  try {
    for await (const chunk of model.stream(request, signal)) {
      if (meter.hear(chunk)) return lost(parts, turn, meter.lost(null), reservation);
      if (chunk.kind === 'delta') store.tell({ kind: 'delta', run, turn, channel: chunk.channel, text: chunk.text });
      if (chunk.kind === 'message')
        return finished(
          ...([parts, turn, chunk.message, meter.whole(chunk.message), reservation] as const),
          cacheMiss(history, chunk.message, parts.clock.now()),
        );
    }
    throw brokenOff('The answer ended without its last part.');
  } catch (error) {
    // The answer itself is recorded already when it was a refusal or made no sense.
    if (history.turns < turn) lost(parts, turn, meter.lost(error), reservation);
    throw error;
  }
}

type Paying = Pick<SessionParts, 'store' | 'run' | 'purse' | 'model' | 'hooks'> & {
  foreseen: Foreseen;
  longest: number;
};

function lost(
  { store, run, purse, model, foreseen }: Paying,
  turn: number,
  bill: Bill,
  reservation: Reservation,
): void {
  const { usage, counted, presumed, all } = bill;
  store.commit((writer) => {
    if (usage) {
      writer.append({ type: 'answer.lost', run, turn, usage, costMicros: counted });
      purse.surprises.note(writer, model.id, foreseen, usage);
    }
    if (presumed) writer.append(presumed);
    reservation.settle(writer, all);
  });
}

/** Throws `model.refused` and `model.stopped_oddly`, after the answer and its cost are recorded. */
function finished(
  { store, run, purse, model, foreseen, longest, hooks }: Paying,
  turn: number,
  message: Message,
  { usage, counted, presumed, all, passes, notices }: Bill,
  reservation: Reservation,
  missed: string | undefined,
): void {
  const stopReason = message.stop_reason ?? 'none';
  const content = message.content as unknown as ContentBlock[];
  // What follows waits for the disk: a call, the next question or the end. Lost before, its reservation counts as spent.
  store.commit((writer) => {
    reservation.settle(writer, all);
    purse.surprises.note(writer, model.id, foreseen, { ...noUsage, input: longestPrompt(usage ?? noUsage, passes) });
    if (presumed) writer.append(presumed);
    alertOfPrices(store, writer, run, notices);
    writer.append({
      type: 'message.finished',
      run,
      turn,
      // An answer without content cannot be sent back to the API.
      content: content.length > 0 ? content : [{ type: 'text', text: noAnswer }],
      stopReason,
      usage: usage ?? noUsage,
      costMicros: counted,
      longest,
      ...(passes.length > 0 ? { passes } : {}),
      ...(message.id ? { id: message.id } : {}),
      ...(missed ? { cacheMiss: missed } : {}),
    });
  }, lastingBefore(hooks));
  if (stopReason === 'refusal') throw refused(message.stop_details);
  const calls = toolUses(content).map((call) => call.id);
  if (new Set(calls).size < calls.length)
    throw new Fault('model.stopped_oddly', 'The model used one id for two tool calls.', {
      cure: 'Run it again; if it happens every time, the model server does not speak the protocol: choose another one.',
    });
}
