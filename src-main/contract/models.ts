/** The models that an address knows, with what each holds, can do and costs. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { Price } from './prices.ts';
import { Effort } from './routines.ts';

/** Null: not known. */
export const KnownModel = z.object({
  id: z.string(),
  name: z.string(),
  /** Tokens of a prompt, and of an answer, at most. */
  window: z.int().positive().nullable(),
  maxAnswer: z.int().positive().nullable(),
  efforts: z.array(Effort).nullable(),
  /** What it is known to do, and what it is known not to; what is in neither list nobody says. */
  can: z.array(z.string()),
  cannot: z.array(z.string()),
  lifecycle: z.enum(['active', 'deprecated', 'retired']),
  /** ISO instant or day. */
  retiresAt: z.string().nullable(),
  /** The newest of its line that can be asked instead; only for one that leaves or is gone. */
  successor: z.string().nullable(),
  /** From the shortest prompts on; `upTo` in tokens, null: the rest. Empty: nobody says. */
  prices: z.array(z.object({ upTo: z.int().positive().nullable(), price: Price })),
});
export type KnownModel = z.infer<typeof KnownModel>;

export const ModelList = z.object({
  /** What `auto` means right now. */
  auto: z.string(),
  /** Those that can be asked first, newest first. */
  models: z.array(KnownModel),
  /** When the address gave its list; null: it gave none, and this is what Nightshift knows by itself. */
  listedAt: Instant.nullable(),
  /** One sentence: where the list and the prices come from. */
  detail: z.string(),
});
export type ModelList = z.infer<typeof ModelList>;

type Standing = Pick<KnownModel, 'id' | 'name' | 'lifecycle' | 'retiresAt' | 'successor'>;

/** One sentence or two on a model that leaves or is gone; null: nothing says that it does. */
export function leavingWords({ id, name, lifecycle, retiresAt, successor }: Standing): string | null {
  const on = retiresAt ? ` on ${retiresAt.slice(0, 10)}` : '';
  const instead = successor ? ` Its successor is ${successor}.` : '';
  if (lifecycle === 'active') return null;
  if (lifecycle === 'retired') return `${name} (${id}) was retired${on}.${instead}`;
  return `${name} (${id}) will be retired${on}: choose another model before then.${instead}`;
}
