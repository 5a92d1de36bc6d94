/** What may be typed after `nightshift budget`. */
import type { Command } from 'commander';
import type { Perform } from '#cli/program.ts';
import { decimalNumber, wholeNumber } from './parse.ts';

const load = () => import('#cli/budget.ts');

export function budgetGrammar(program: Command, perform: Perform): void {
  const budget = program.command('budget').description('what may be spent in a day, and what was');
  budget
    .command('show')
    .description('today, of all routines and of each')
    .action(() => perform(async (ctx) => (await load()).show(ctx)));
  budget
    .command('costs')
    .description('what was paid, by day and routine, and what a month will likely cost')
    .option('--days <n>', 'how many days, today among them, 1 to 366', wholeNumber, 30)
    .action(({ days }: { days: number }) => perform(async (ctx) => (await load()).costs(ctx, days)));
  budget
    .command('set')
    .description('the cap of all routines together, a day')
    .argument('<dollars>', 'US dollars, 0.01 to 10000', decimalNumber)
    .action((dollars: number) => perform(async (ctx) => (await load()).set(ctx, dollars)));
}
