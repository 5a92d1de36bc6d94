/** What a session does next when the calls of its last answer are all done. */
import type { Asked } from './asked.ts';
import { nearlyFull } from './compact.ts';
import type { History } from './conversation.ts';
import type { Countable } from './count.ts';
import { type Affordable, roomForAnswer } from './limits.ts';
import type { Loops } from './loops.ts';
import type { Mended } from './mend.ts';
import type { SessionEnd, Working } from './parts.ts';
import { stopFor } from './stand-still.ts';
import { afterStop } from './stop-reasons.ts';
import { willFire } from './wait.ts';
import { hasOpenUse } from './web-use.ts';

export type Move =
  | SessionEnd
  | { kind: 'nudge'; text: string }
  /** Nothing to do until a loop fires, or until money is free again. */
  | { kind: 'rest' }
  | { kind: 'wait' }
  /** By its bytes the prompt could be too dear: what does it really come to? */
  | { kind: 'count' }
  /** What could be looked up would be too dear; without it there is room. */
  | { kind: 'close_web' }
  | ({ kind: 'ask' } & Affordable)
  | ({ kind: 'compact'; full: boolean } & Affordable);

/** What comes after an answer whose calls are all done. */
export function nextMove(
  parts: Working & Mended,
  history: Readonly<Countable>,
  loops: Readonly<Loops>,
  asked: Readonly<Asked>,
  prefixBytes: number,
): Move {
  if (history.halted !== null) return { ...halted(history.halted), ...rest(history) };
  if (history.proposing) return { kind: 'finished', ...rest(history) };
  const verdict = afterStop(history);
  if (verdict.kind === 'finished' && !parts.hired?.busy() && !willFire(parts, loops))
    return { kind: 'finished', ...rest(history) };
  if (verdict.kind === 'nudge') return verdict;
  const room = roomForAnswer(parts, history, asked, prefixBytes);
  if (room.kind === 'limit' && room.scope && parts.model.count && !history.counted) return { kind: 'count' };
  if (room.kind === 'limit' && room.scope && history.offer.web) {
    const offline = { ...history, offer: { ...history.offer, web: null } };
    if (roomForAnswer(parts, offline, asked, prefixBytes).kind !== 'limit') return { kind: 'close_web' };
  }
  const stop = stopFor(parts.thread ? { ...parts, alone: false } : parts, asked, room.kind === 'limit' ? room : null);
  if (stop?.kind === 'parked') return stop;
  if (stop) return { ...stop, ...rest(history) };
  if (room.kind !== 'room') return { kind: 'wait' };
  // Only with turns and money left is there anything to wait for.
  if (verdict.kind === 'finished') return { kind: 'rest' };
  const full = parts.fullAt === history.compactions;
  // Nothing can be asked before what is still being looked up has come.
  const fills = nearlyFull(history, parts.model) && !hasOpenUse(history.messages);
  if (full || verdict.kind === 'compact' || fills) return { ...room, kind: 'compact', full };
  return { ...room, kind: 'ask' };
}

function halted(reason: string): Omit<Extract<SessionEnd, { kind: 'limit' }>, 'proposing' | 'lastText'> {
  const message = `A hook ended the session${reason ? `: ${reason}` : '.'}`;
  return { kind: 'limit', code: 'hook.stopped', message, cure: 'See what the hook wants; the run’s page names it.' };
}

export function rest(history: Readonly<History>): { proposing: unknown; lastText: string } {
  return { proposing: history.proposing ?? history.offered, lastText: history.lastText };
}
