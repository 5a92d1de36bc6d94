/**
 * Room for a question of which nobody has said yet what the other side counts in it, and for those after it. What a
 * server may bill at most for one request is the whole context of the model, and the answer that it was allowed. Where a cap has that, that is
 * reserved, and the cap holds whatever comes. Where it has not, all that it has is kept for this one question: the
 * answer may be a tenth of it, so that a question of nine tenths is still paid for. Beyond that no reserve can hold: a
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
const share = 0.1;
/** Tokens. An answer that is cut there costs one more round, with its question known. */
const useful = 2_048;
/** Tokens: an answer of this length is not made shorter to be surer of the question. */
const comfortable = 8_192;

/**
 * `prompt`: tokens of the question by its own bytes, which is what it costs if nobody ever answers. `seen`: tokens that
 * the address has been seen to add today. `known`: it has answered today, so the cap is not kept for this question alone.
 * `window`: tokens that the model can read at most, where that is known.
 */
export function firstRoom(
  accounts: readonly Account[],
  rates: Rates,
  prompt: number,
  most: number,
  { seen, known, window, ...extra }: { seen: number; known: boolean; window?: number | undefined } & Extra,
): Room {
  if (known) return firstOfKnown(accounts, rates, prompt, most, { seen, ...extra });
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

function firstOfKnown(
  accounts: readonly Account[],
  rates: Rates,
  prompt: number,
  most: number,
  { seen, ...extra }: { seen: number } & Extra,
): Room {
  let room: Room = { kind: 'wait' };
  for (const unseen of expected(seen)) {
    room = roomIn(accounts, rates, prompt + unseen, most, extra);
    if (room.kind !== 'none') break;
  }
  return room.kind === 'room' ? { ...room, prompt: worstCost(rates, prompt, 0, extra.hour) } : room;
}

/**
 * For a question that extends one that was counted. `least`: tokens that it comes to at most, by that count. `whole`:
 * by all of its bytes; that and more is kept where the cap has it: a server may begin to count what it left out before.
 */
export function laterRoom(
  accounts: readonly Account[],
  rates: Rates,
  { least, whole }: { least: number; whole: number },
  most: number,
  extra: Extra = {},
): Room {
  const room = roomIn(accounts, rates, least, most, extra);
  if (room.kind !== 'room') return room;
  for (const unseen of unseenTokens) {
    const surer = roomIn(accounts, rates, Math.max(least, whole + unseen), most, extra);
    if (surer.kind === 'room' && surer.tokens >= Math.min(most, comfortable)) return { ...surer, prompt: room.prompt };
  }
  return room;
}
