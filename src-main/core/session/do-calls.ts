/** The next calls of an answer: those that have others work are done together where they stand together, every other one by itself. */
import type { Question } from '#contract/questions.ts';
import { crewTools } from '#core/tools/agents.ts';
import type { History } from './conversation.ts';
import { type CallParts, doCall } from './tool-call.ts';

/**
 * A question: the session stands still on it; `parks`: the run is not parked yet, for others of it may still have been able
 * to go on. Waits for all calls that it began, then throws what one of them threw.
 */
export async function doCalls(
  parts: CallParts & { doCall?: typeof doCall },
  { pending, turns }: Readonly<History>,
): Promise<{ question: Question; parks: boolean } | null> {
  const doing = parts.doCall ?? doCall;
  const others = pending.findIndex(({ name }) => !parts.crew || !crewTools.has(name));
  const [first] = pending;
  if (!first) return null;
  if (others === 0) {
    const question = await doing(parts, turns, first);
    return question && { question, parks: false };
  }
  const together = others < 0 ? pending : pending.slice(0, others);
  const all = await Promise.allSettled(together.map((call) => doing({ ...parts, alone: false }, turns, call)));
  const failed = all.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  const [question] = all.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []));
  return question ? { question, parks: true } : null;
}
