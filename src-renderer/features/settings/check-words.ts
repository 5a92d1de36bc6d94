/** What the self-check found, as the page says it: in sentences, and without commands for what it does itself. */
import type { DoctorCheck } from '#contract/host.ts';
import { capital, sentence } from '#ui/words.ts';

/** The timers can be put right from here. */
export const mendable = ({ state, cure }: DoctorCheck): boolean =>
  state !== 'ok' && /\bdoctor --fix\b/.test(cure ?? '');

export function checkWords(check: DoctorCheck): string {
  const { name, detail, state, cure } = check;
  const found = inSentences(detail);
  if (state === 'ok') return found;
  if (mendable(check)) return `${found} Mend puts it right.`;
  if (name === 'Model') return `${withoutCommands(found)} Store a key above, under Model.`;
  return [found, cure && sentence(capital(cure))].filter(Boolean).join(' ');
}

const inSentences = (text: string) => capital(sentence(text));

/** Drops sentences that name a command of the terminal. */
const withoutCommands = (text: string) =>
  text
    .split(/(?<=[.!?])\s+/)
    .filter((part) => !/\bnightshift [a-z]/.test(part))
    .join(' ');
