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
    return {
      timeZone,
      all: account(purse.dayCap()),
      routines: routines.list().flatMap(({ id, spec }) => {
        if (!spec) return [];
        const { dollars, dollarsPerDay } = spec.limits;
        const runCapMicros = Math.floor(dollars * 1e6);
        return [{ routine: id, runCapMicros, ...account(Math.floor(dollarsPerDay * 1e6), id) }];
      }),
    };
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
