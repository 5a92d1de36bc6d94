/** What is known of the vendor's models without asking: a dated table, for when its own list of models cannot be had. */
import { z } from 'zod';
import { Effort } from '#contract/routines.ts';

/** What one model can do and holds. Null: not known. */
export const ModelFacts = z.object({
  id: z.string(),
  name: z.string(),
  /** Models of one line replace each other. */
  line: z.string().nullable(),
  /** Tokens of a prompt, and of an answer, at most. */
  window: z.int().positive().nullable(),
  maxAnswer: z.int().positive().nullable(),
  /** Efforts that it takes; empty: it takes none. */
  efforts: z.array(Effort).nullable(),
  /** Ways of thinking that it takes. */
  thinking: z.object({ adaptive: z.boolean(), disabled: z.boolean() }).nullable(),
  /** Its answers, and the input of its tool calls, can be bound to a schema. */
  structured: z.boolean().nullable().default(null),
  /** What its address does for it on the web. */
  web: z.object({ search: z.boolean(), fetch: z.boolean() }).nullable().default(null),
  images: z.boolean().nullable().default(null),
  lifecycle: z.enum(['active', 'deprecated', 'retired']),
  /** ISO instant or day. */
  retiresAt: z.string().nullable(),
  /** ISO instant or day; newest first is by this. */
  createdAt: z.string(),
});
export type ModelFacts = z.infer<typeof ModelFacts>;

type Row = [id: string, name: string, line: string, createdAt: string, window: number | null, maxAnswer: number | null];

const million = 1_000_000;
/** Source: the vendor's model table and its page of retired models as of 2026-11-20. */
const active: readonly Row[] = [
  ['claude-fable-5-2', 'Claude Fable 5.2', 'fable', '2026-11-09', million, 128_000],
  ['claude-fable-5-1', 'Claude Fable 5.1', 'fable', '2026-09-01', million, 128_000],
  ['claude-fable-5', 'Claude Fable 5', 'fable', '2026-06-09', million, 128_000],
  ['claude-opus-5-5', 'Claude Opus 5.5', 'opus', '2026-09-22', million, 128_000],
  ['claude-opus-5', 'Claude Opus 5', 'opus', '2026-07-24', million, 128_000],
  ['claude-sonnet-5-5', 'Claude Sonnet 5.5', 'sonnet', '2026-09-28', million, 128_000],
  ['claude-haiku-5-5', 'Claude Haiku 5.5', 'haiku', '2026-10-07', million, 128_000],
  ['claude-haiku-4-5-20251001', 'Claude Haiku 4.5', 'haiku', '2025-10-01', 200_000, 64_000],
];
const leaving: readonly (readonly [row: Row, retiresAt: string])[] = [
  [['claude-sonnet-4-5', 'Claude Sonnet 4.5', 'sonnet', '2025-09-29', null, null], '2026-11-30'],
];
const gone: readonly (readonly [row: Row, retiresAt: string])[] = [
  [['claude-opus-4-20250514', 'Claude Opus 4', 'opus', '2025-05-14', null, null], '2026-06-15'],
  [['claude-sonnet-4-20250514', 'Claude Sonnet 4', 'sonnet', '2025-05-14', null, null], '2026-06-15'],
  [['claude-3-opus-20240229', 'Claude Opus 3', 'opus', '2024-02-29', null, null], '2026-01-05'],
  [['claude-3-sonnet-20240229', 'Claude Sonnet 3', 'sonnet', '2024-02-29', null, null], '2025-07-21'],
];

export const modelTable: readonly ModelFacts[] = [
  ...active.map((row) => facts(row, 'active', null)),
  ...leaving.map(([row, at]) => facts(row, 'deprecated', at)),
  ...gone.map(([row, at]) => facts(row, 'retired', at)),
];

function facts(row: Row, lifecycle: ModelFacts['lifecycle'], retiresAt: string | null): ModelFacts {
  const [id, name, line, createdAt, window, maxAnswer] = row;
  const unknown = { efforts: null, thinking: null, structured: null, web: null, images: null };
  return { id, name, line, window, maxAnswer, ...unknown, lifecycle, retiresAt, createdAt };
}

/** The facts of the model that `id` names, a dated version of it included; null when the list has none. */
export function findModel(models: readonly ModelFacts[], id: string): ModelFacts | null {
  return models.find((each) => each.id === id) ?? models.find((each) => datedOf(each.id, id)) ?? null;
}

const datedOf = (known: string, id: string) => id.startsWith(`${known}-`) && /^-\d{8}$/.test(id.slice(known.length));

/** The newest model of the same line that can be asked; null when there is none. */
export function replacementOf(models: readonly ModelFacts[], { id, line }: ModelFacts): ModelFacts | null {
  const same = models.filter((each) => each.line === line && each.id !== id && each.lifecycle === 'active');
  return line === null ? null : (same.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0] ?? null);
}
