/** What a person may see and set of the budgets, over any door. */
import type { Handlers } from '#contract/api.ts';
import type { DayAccount } from '#contract/budgets.ts';
import type { Clock } from '#core/ports.ts';
import type { Routines } from '#core/routines/routines.ts';
import type { Store } from '#core/store/event-log.ts';
import { costsOf } from './costs.ts';
import type { Purse } from './purse.ts';

interface Parts {
  routines: Routines;
  purse: Purse;
  timeZone: string;
  store: Store;
  clock: Clock;
  startOfDay(at: number): number;
}

export function budgetMethods(parts: Parts): Handlers['budgets'] {
  const { routines, purse, timeZone } = parts;
  function account(capMicros: number, routine?: string): DayAccount {
    const { spent, reserved, added } = purse.today(routine);
    return { capMicros, addedMicros: added, spentMicros: spent, reservedMicros: reserved };
  }
  async function get() {
    const all = account(purse.dayCap());
    const own = routines.list().flatMap(({ id, spec }) => {
      if (!spec) return [];
      const { dollars, dollarsPerDay } = spec.limits;
      const runCapMicros = Math.floor(dollars * 1e6);
      return [{ routine: id, runCapMicros, ...account(Math.floor(dollarsPerDay * 1e6), id) }];
    });
    const warnings = own.flatMap((each) => voidCap(each, all.capMicros));
    return { timeZone, all, routines: own, ...(warnings.length > 0 ? { warnings } : {}) };
  }
  return {
    get,
    costs: async ({ days }) => costsOf(parts, days),
    async set({ dollarsPerDay }) {
      purse.setDayCap(Math.floor(dollarsPerDay * 1e6));
      return get();
    },
  };
}

/** A routine's folder can say what saving it would refuse, and the cap of all can be set below what one run may cost. */
function voidCap(
  { routine, runCapMicros, capMicros }: { routine: string; runCapMicros: number; capMicros: number },
  allMicros: number,
): string[] {
  const least = Math.min(capMicros, allMicros);
  if (runCapMicros <= least) return [];
  const whose = capMicros <= allMicros ? 'its own cap' : 'the cap of all routines';
  return [
    `A run of ${routine} may cost $${runCapMicros / 1e6}, but ${whose} for a day is $${least / 1e6} and stops it first.`,
  ];
}
