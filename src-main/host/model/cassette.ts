/** A recording: a graph of model turns, and the walk that finds the place in it from a session's own history. */
import { z } from 'zod';

const Block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1) }),
  z.strictObject({ type: z.literal('tool_use'), name: z.string(), input: z.record(z.string(), z.unknown()) }),
]);

const Edge = z.strictObject({
  /** All that is named must hold; nothing named: always. */
  when: z
    .strictObject({
      /** Pattern found in the texts of the tool results, joined by line breaks. */
      result: z
        .string()
        .transform((pattern) => new RegExp(pattern, 'm'))
        .optional(),
      /** A person said something after the turn, beside the tool results. */
      spoken: z.literal(true).optional(),
    })
    .default({}),
  goto: z.string(),
});

const RecordedTurn = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,30}$/),
  content: z.array(Block).min(1),
  /** Tried in order. None fits: the session has left the recording. */
  next: z.array(Edge).default([]),
});
export type RecordedTurn = z.infer<typeof RecordedTurn>;

/** The first turn starts the session. */
export const Cassette = z
  .strictObject({ recording: z.string(), about: z.string(), turns: z.array(RecordedTurn).min(1) })
  .superRefine(({ turns }, context) => {
    const ids = new Set(turns.map((turn) => turn.id));
    if (ids.size < turns.length) context.addIssue('two turns have the same id');
    for (const turn of turns)
      for (const { goto } of turn.next)
        if (!ids.has(goto)) context.addIssue(`${turn.id} goes to ${goto}, which is no turn`);
  });
export type Cassette = z.infer<typeof Cassette>;

/** What the walk needs of a request's message; it comes from a process of ours, but over HTTP. */
const Heard = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  name: z.string().optional(),
  content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).optional(),
  is_error: z.boolean().nullish(),
});
type Heard = z.infer<typeof Heard>;
export const HeardMessage = z.looseObject({
  role: z.string(),
  content: z.union([z.string().transform((text): Heard[] => [{ type: 'text', text }]), z.array(Heard)]),
});
export type HeardMessage = z.infer<typeof HeardMessage>;

/** The turn to play next; null when the history has left the recording, or was never part of it. */
export function findPlace(cassette: Cassette, history: HeardMessage[]): RecordedTurn | null {
  const turns = new Map(cassette.turns.map((turn) => [turn.id, turn]));
  let turn: RecordedTurn | undefined = cassette.turns[0];
  for (let at = 0; at < history.length; at++) {
    const message = history[at];
    if (message?.role !== 'assistant') continue;
    if (!turn || !plays(turn, message.content)) return null;
    const heard: Heard[] = [];
    while (history[at + 1] && history[at + 1]?.role !== 'assistant') heard.push(...(history[++at]?.content ?? []));
    turn = following(turn, heard, turns);
  }
  return turn ?? null;
}

/** A tool call that a restart cut off is asked for again. */
const interrupted = /\b(interrupted|restarted|restart)\b/i;

function following(turn: RecordedTurn, heard: Heard[], turns: Map<string, RecordedTurn>): RecordedTurn | undefined {
  const results = heard.filter((block) => block.type === 'tool_result');
  if (results.some((block) => block.is_error && interrupted.test(textOf(block)))) return turn;
  const result = results.map(textOf).join('\n');
  const spoken = heard.some((block) => block.type === 'text' && block.text);
  const edge = turn.next.find(({ when }) => (when.result?.test(result) ?? true) && (!when.spoken || spoken));
  return edge && turns.get(edge.goto);
}

function plays(turn: RecordedTurn, content: Heard[]): boolean {
  const names = (blocks: { type: string; name?: string }[]) =>
    blocks.flatMap((block) => (block.type === 'tool_use' ? [block.name] : [])).join();
  return names(turn.content) === names(content);
}

function textOf(block: Heard): string {
  if (typeof block.content === 'string') return block.content;
  return (block.content ?? []).map((part) => part.text ?? '').join('\n');
}
