/** The week as the screen draws it: asked of the host once per schedule, counted anew when runs or pauses change. */
import type { ApiClient } from '#contract/api.ts';
import type { FaultData } from '#contract/faults.ts';
import type { Routine } from '#contract/routines.ts';
import { useAnswer, usePausedAll, useSelect } from '#state/use.ts';
import { asked, type Collision, type Coming, collide, comingOf, type Foretold, usualLength } from './coming.ts';
import { type Entry, entriesOf } from './entries.ts';

/** Questions to the host at a time. */
const together = 16;

export interface WeekOf {
  /** Local midnights: the first of today, the last one ends the seventh day. Milliseconds since the epoch. */
  midnights: number[];
  coming: Coming[];
  /** The same by days, as it is shown. */
  days: Entry[][];
  collisions: Collision[];
  /** Routines with more due times than the host tells at a time, and up to when theirs are known. */
  cutOff: { name: string; at: number }[];
}
type Week = { is: 'loading' } | { is: 'failed'; fault: FaultData; again(): void } | { is: 'here'; week: WeekOf };

export function useWeek(now: number): Week {
  const ready = useSelect((state) => state.seq !== null);
  const routines = useSelect((state) => state.routines.filter(({ spec }) => spec && !spec.paused));
  const runs = useSelect((state) => state.runs);
  const paused = usePausedAll(now);
  const midnights = daysFrom(now);
  const key = JSON.stringify([
    ready,
    midnights[0],
    routines.map(({ id, spec }) => [id, spec?.schedule, spec?.timeZone]),
  ]);
  const answer = useAnswer(key, (client) => foretell(client, routines, midnights.at(-1) ?? now));
  if (!ready || answer.is === 'loading') return { is: 'loading' };
  if (answer.is === 'failed') return answer;
  const range = [now, midnights.at(-1) ?? now] as const;
  const past = Object.values(runs);
  const all = answer.value.flatMap(({ id, next }) => {
    const routine = routines.find((one) => one.id === id);
    return routine ? comingOf({ routine, next }, usualLength(past, id), range, paused) : [];
  });
  const cutOff = answer.value.flatMap(({ id, next }) => {
    const last = Date.parse(next.at(-1)?.at ?? '');
    const name = routines.find((one) => one.id === id)?.spec?.name ?? id;
    return next.length === asked.most && last < range[1] ? [{ name, at: last }] : [];
  });
  const { coming, collisions } = collide(all.sort((a, b) => a.start - b.start || a.name.localeCompare(b.name)));
  return { is: 'here', week: { midnights, coming, days: entriesOf(coming, midnights), collisions, cutOff } };
}

/** @param until milliseconds since the epoch; what comes later is of no interest */
async function foretell(client: ApiClient, routines: readonly Routine[], until: number) {
  const told: { id: string; next: Foretold['next'] }[] = [];
  for (let first = 0; first < routines.length; first += together) {
    const some = routines.slice(first, first + together).map(async ({ id, spec }) => {
      if (!spec) return { id, next: [] };
      const { schedule, timeZone } = spec;
      const foreseen = async (count: number) => (await client.routines.preview({ schedule, timeZone, count })).next;
      const next = await foreseen(asked.first);
      const short = next.length === asked.first && Date.parse(next.at(-1)?.at ?? '') < until;
      return { id, next: short ? await foreseen(asked.most) : next };
    });
    told.push(...(await Promise.all(some)));
  }
  return told;
}

/** Eight midnights of the local zone; a day of a clock change has another length than the others. */
function daysFrom(now: number): number[] {
  const today = new Date(now);
  return Array.from({ length: 8 }, (_, ahead) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() + ahead).getTime(),
  );
}
