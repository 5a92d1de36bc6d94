/** `nightshift budget …`: what may be spent in a day, and what was. */
import { facts, table } from '#cli/print/table.ts';
import { money } from '#cli/print/words.ts';
import type { Budgets, DayAccount } from '#contract/budgets.ts';
import { answer } from './answer.ts';
import { exitCodes } from './exit-codes.ts';
import { costLines } from './print/costs.ts';
import type { Context } from './shell.ts';

export async function show(ctx: Context): Promise<number> {
  return told(ctx, await ctx.client.budgets.get());
}

export async function costs(ctx: Context, days: number): Promise<number> {
  answer(ctx, await ctx.client.budgets.costs({ days }), (told) => costLines(ctx.paint, told));
  return exitCodes.ok;
}

export async function set(ctx: Context, dollarsPerDay: number): Promise<number> {
  return told(ctx, await ctx.client.budgets.set({ dollarsPerDay }));
}

function told(ctx: Context, budgets: Budgets): number {
  answer(ctx, budgets, ({ all, routines, timeZone, warnings = [] }) => [
    ...facts(ctx.paint, [
      ['today', `${money(all.spentMicros)} of ${money(all.capMicros)} for all routines${more(all)}`],
      ['a day', `from midnight to midnight in ${timeZone}`],
    ]),
    '',
    ...table(
      ctx.paint,
      ['ROUTINE', 'TODAY', 'CAP A DAY', 'CAP A RUN', ''],
      routines.map((each) => [
        ...[each.routine, money(each.spentMicros), money(each.capMicros), money(each.runCapMicros)],
        more(each).trim(),
      ]),
    ),
    ...(warnings.length > 0 ? ['', ...warnings.map((each) => ctx.paint.yellow(each))] : []),
  ]);
  return exitCodes.ok;
}

function more({ addedMicros, reservedMicros }: DayAccount): string {
  const added = addedMicros > 0 ? ` + ${money(addedMicros)} added for today` : '';
  return added + (reservedMicros > 0 ? ` (${money(reservedMicros)} held back for calls under way)` : '');
}
