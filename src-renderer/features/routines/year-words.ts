/** A year in words, for those who cannot see its picture and for the titles of its squares. */
import { count } from '#ui/words.ts';
import { kinds } from './fates.ts';
import type { Tally, Year } from './year-days.ts';

export const rounded = (n: number) => count(Math.round(n));

/** `Sat 21 Nov 2026`, for a calendar day, which has no zone. */
export function dateWords(date: string): string {
  const options = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(new Date(`${date}T00:00:00Z`)).replace(',', '');
}

export const tallyWords = (tally: Tally): string =>
  kinds
    .filter((kind) => tally[kind] > 0)
    .map((kind) => `${rounded(tally[kind])} ${kind}`)
    .join(', ') || 'nothing due';

export function sentenceOf({ days, totals }: Year): string {
  const [first, last] = [days[0]?.date ?? '', days.at(-1)?.date ?? ''];
  return `From ${dateWords(first)} to ${dateWords(last)}: ${tallyWords(totals)}.`;
}
