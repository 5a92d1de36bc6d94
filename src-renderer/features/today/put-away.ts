/** Missed due times that a person has seen and put away: kept in this browser, one by one, while they could still show. */
import type { Occurrence } from '#contract/ledger.ts';
import { readStored, useStored } from '#ui/stored.ts';

const key = 'missed.seen';
/** Longer than anything is shown. Milliseconds. */
const keptFor = 3 * 86_400_000;

/** `routine|due instant`. */
export const nameOf = ({ routine, dueAt }: Occurrence): string => `${routine}|${dueAt}`;

const namesIn = (text: string | null): string[] => (text ?? '').split('\n').filter(Boolean);

export function usePutAway(): [ReadonlySet<string>, (rows: readonly Occurrence[]) => void] {
  const [text, set] = useStored(key);
  const putAway = (rows: readonly Occurrence[]) => {
    const oldest = new Date(Date.now() - keptFor).toISOString();
    const names = new Set([...namesIn(readStored(key)), ...rows.map(nameOf)]);
    set([...names].filter((name) => (name.split('|')[1] ?? '') >= oldest).join('\n'));
  };
  return [new Set(namesIn(text)), putAway];
}
