/** What of a run its goal's judge is shown, in pieces, so that a quote can be looked up in exactly that. */
import type { GoalVerdict } from '#contract/aims.ts';
import type { Event } from '#contract/events.ts';
import { handsTools } from '#contract/hands.ts';
import type { CheckRound } from '#contract/runs.ts';

/** `told` to the agent, `said` or `call`ed by it; `result`, `change` and `check` were seen by the host itself. */
export interface Piece {
  kind: 'told' | 'said' | 'call' | 'result' | 'change' | 'check';
  text: string;
}

/** Characters. */
const most = { piece: 6_000, all: 60_000, change: 20_000 };

/**
 * Folds a run's committed events, oldest first. `pieces` is alive: each `apply` extends it.
 * @param seen names of tools whose results the host itself sees.
 */
export function createShown(seen: readonly string[] = handsTools): {
  pieces: readonly Piece[];
  apply(event: Event): void;
} {
  const pieces: Piece[] = [];
  /** Only what the sandbox brought back is a result; what the agent merely reports is its word. */
  const fromHands = new Set<string>();
  return {
    pieces,
    apply(event) {
      if (event.type === 'tool.started' && seen.includes(event.name)) fromHands.add(event.call);
      pieces.push(...piecesOf(event, fromHands));
    },
  };
}

function piecesOf(event: Event, fromHands: ReadonlySet<string>): Piece[] {
  switch (event.type) {
    case 'message.added':
      return [{ kind: 'told', text: event.text }];
    case 'message.finished':
      return event.content.flatMap(({ type, text }) =>
        type === 'text' && typeof text === 'string' ? [{ kind: 'said' as const, text }] : [],
      );
    case 'tool.started':
      return [{ kind: 'call', text: `${event.name} ${JSON.stringify(event.input)}` }];
    case 'tool.finished':
      return [{ kind: fromHands.has(event.call) ? 'result' : 'told', text: event.text }];
    default:
      return [];
  }
}

/** The newest of the run that fit, with what the host itself found; `left`: how many older ones are left out. */
export function selectPieces(
  pieces: readonly Piece[],
  found: { patch: string; checks: CheckRound | null },
): { shown: Piece[]; left: number } {
  const seen: Piece[] = [];
  if (found.patch) seen.push({ kind: 'change', text: middleOut(found.patch, most.change) });
  for (const { command, exitCode, output } of found.checks?.results ?? []) {
    const end = exitCode === null ? 'did not end by itself' : `ended with exit code ${exitCode}`;
    seen.push({ kind: 'check', text: middleOut(`${command} ${end}\n${output}`, most.piece) });
  }
  const shown: Piece[] = [];
  let room = most.all;
  for (const { kind, text } of pieces.toReversed()) {
    const piece = { kind, text: middleOut(text, most.piece) };
    room -= piece.text.length;
    if (room < 0) break;
    shown.unshift(piece);
  }
  return { shown: [...shown, ...seen], left: pieces.length - shown.length };
}

/** Evidence is what the host saw; the agent's own words are none, except for its saying that it cannot be done. */
export function holdsQuote(shown: readonly Piece[], quote: string, verdict: GoalVerdict): boolean {
  const wanted = flat(quote);
  if (wanted.length < shortestQuote) return false;
  const counts: readonly Piece['kind'][] =
    verdict === 'met' ? ['result', 'change', 'check'] : ['result', 'change', 'check', 'said'];
  return shown.some(({ kind, text }) => counts.includes(kind) && flat(text).includes(wanted));
}

/** Characters: less could stand anywhere. */
const shortestQuote = 4;

/** Line breaks and indentation may differ in a quote. */
export const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();

export function middleOut(text: string, length: number): string {
  if (text.length <= length) return text;
  const half = Math.floor(length / 2);
  return `${text.slice(0, half)}\n… (${text.length - 2 * half} characters left out) …\n${text.slice(-half)}`;
}
