/** What a model costs, where a person says so. */
import { z } from 'zod';

const someDollars = 'use US dollars per million tokens, from 0 to 10000';
const dollars = z.number(someDollars).min(0, someDollars).max(10_000, someDollars);

/** US dollars per million tokens of each class. `cacheWrite`: the five-minute tier; what is kept for an
 * hour costs twice the prompt. */
export const Price = z.strictObject({
  input: dollars,
  output: dollars,
  cacheWrite: dollars,
  cacheRead: dollars,
});
export type Price = z.infer<typeof Price>;

const someModel = 'use the id of a model, of 1 to 100 characters';
/** As a routine names it and the server knows it. */
export const PricedModel = z
  .string()
  .trim()
  .min(1, someModel)
  .max(100, someModel)
  .refine((id) => id !== 'auto' && id !== 'rehearsal', 'name the model itself: auto and rehearsal have no price');
