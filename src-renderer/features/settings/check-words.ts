/** What the self-check found, as the page says it: in sentences, and without commands for what it does itself. */
import type { DoctorCheck } from '#contract/host.ts';
import { capital, clock, dayWithin, sentence } from '#ui/words.ts';

/** The timers can be put right from here. */
export const mendable = ({ state, cure }: DoctorCheck): boolean =>
  state !== 'ok' && /\bdoctor --fix\b/.test(cure ?? '');

/** @param now milliseconds since the epoch */
export function checkWords(check: DoctorCheck, now: number): string {
  const { name, detail, state, cure } = check;
  const found = begun(sentence(inWords(detail, now)));
  if (state === 'ok') return found;
  if (mendable(check)) return `${found} Mend puts it right.`;
  if (name === 'Model') return `${withoutCommands(found)} Store a key above, under Model.`;
  return [found, cure && sentence(capital(cure))].filter(Boolean).join(' ');
}

/** Instants in it as a person reads them: `today 03:00`. */
export const inWords = (text: string, now: number): string =>
  text.replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => `${dayWithin(at, now)} ${clock(at)}`);

/** With a capital, unless it begins with the name of a file. */
const begun = (text: string) => (/^\S*\w[-./_]\w/.test(text) ? text : capital(text));

/** Drops sentences that name a command of the terminal. */
const withoutCommands = (text: string) =>
  text
    .split(/(?<=[.!?])\s+/)
    .filter((part) => !/\bnightshift [a-z]/.test(part))
    .join(' ');
