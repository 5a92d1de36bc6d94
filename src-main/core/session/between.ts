/** What a session does between two turns: hears what has come meanwhile, rests, or sees that nobody in the run can go on. */
import type { Question } from '#contract/questions.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { HandOver } from '#core/instructions/hand-over.ts';
import type { Clock } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { parkOn } from './ask.ts';
import type { AsThread, Crew } from './crew.ts';
import type { History } from './history.ts';
import type { Deadline } from './limits.ts';
import type { Loops } from './loops.ts';
import { systemPrompt } from './prompt.ts';
import { fireOrWait } from './wait.ts';

interface Between {
  store: Store;
  clock: Clock;
  run: string;
  spec: RoutineSpec;
  seenAt?: string;
  signal: AbortSignal;
  thread?: AsThread;
  handOver?: HandOver;
  hired: Crew | undefined;
}

/** Constant for a session. */
export const systemOf = ({ thread, spec, seenAt }: Between) => thread?.system ?? systemPrompt(spec, seenAt);

/** What has come meanwhile is told before the next turn. */
export async function betweenTurns({ hired, handOver }: Between, { stopReason }: Readonly<History>): Promise<void> {
  hired?.catchUp();
  if (stopReason === 'tool_use') await handOver?.catchUp();
}

/** Null: it goes on. A question may have been answered while others of the run went on. */
export function standsOn(
  { store, thread }: Between,
  still: { question: Question; parks: boolean } | null,
): { kind: 'parked'; question: string } | null {
  const stands = still && (thread || parkOn(store, still.question.id) || !still.parks);
  return stands ? { kind: 'parked', question: still.question.id } : null;
}

/** Until a loop fires, or somebody in the background has ended. */
export async function restUntil(parts: Between, loops: Readonly<Loops>, time: Deadline) {
  const question = parts.hired?.busy() ? await parts.hired.rest() : await fireOrWait(parts, loops, time);
  return standsOn(parts, question && { question, parks: true });
}
