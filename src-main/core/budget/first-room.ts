/**
 * Room for a question of which nobody has said yet what the other side counts in it. What a server may bill at most for
 * one request is the whole context of the model, and the answer that it was allowed. Where a cap has that, that is
 * reserved, and the cap holds whatever comes. Where it has not, all that it has is kept for this one question: the
 * answer may be a fifth of it, so that a question of four fifths is still paid for. Beyond that no reserve can hold: a
 * server that counts more in its very first answer has taken the money before anybody could know. The stream is cut as
 * soon as it says so, and the run stops.
 */
import type { Rates } from './prices.ts';
import { type Account, longestAnswer } from './purse.ts';
import { type Extra, type Room, roomIn, worstCost } from './worst.ts';

/** What an address may add to a question, in tokens: the most of these that a cap leaves room for is sure to be there. */
const unseenTokens = [40_000, 20_000, 10_000, 0];
const expected = (seen: number) => (seen === 0 ? unseenTokens : [...unseenTokens.filter((each) => each > seen), seen]);
/** Part of the rest of a cap that the answer may cost. */
const share = 0.2;
/** Tokens; shorter, and much thinking is cut before the first call of a tool. */
const useful = 4_096;

/**
 * `prompt`: tokens of the question by its own bytes, which is what it costs if nobody ever answers. `seen`: tokens that
 * the address has been seen to add today. `window`: tokens that the model can read at most, where that is known.
 */
export function firstRoom(
  accounts: readonly Account[],
  rates: Rates,
  prompt: number,
  most: number,
  { seen, window, ...extra }: { seen: number; window?: number | undefined } & Extra,
): Room {
  const longest = window === undefined ? prompt + (unseenTokens[0] as number) : Math.max(window, prompt);
  const { output } = rates(longest);
  const left = Math.min(...accounts.map(({ cap, spent }) => cap - spent));
  const whole = window === undefined ? Number.POSITIVE_INFINITY : worstCost(rates, longest, 0, extra.hour);
  const answer = output > 0 ? Math.max(useful, (left * share) / output, (left - whole) / output) : longestAnswer;
  const alone = accounts.map((account) => ({ ...account, reserved: 0 }));
  let room: Room = { kind: 'wait' };
  for (const unseen of expected(seen)) {
    room = roomIn(alone, rates, prompt + unseen, Math.min(most, Math.floor(answer)), extra);
    if (room.kind !== 'none') break;
  }
  if (room.kind !== 'room' || room.worst === 0) return room;
  const all = Math.max(room.worst, Math.min(left, Math.ceil(whole + room.tokens * output)));
  if (accounts.some(({ cap, spent, reserved }) => cap - spent - reserved < all)) return { kind: 'wait' };
  return { ...room, prompt: worstCost(rates, prompt, 0, extra.hour), aside: all - room.worst };
}
