/** What may be typed after `nightshift alerts`. */
import type { Command } from 'commander';
import type { Perform } from '#cli/program.ts';
import { collectNumbers, wholeNumber } from './parse.ts';

const load = () => import('#cli/alerts.ts');

export function alertsGrammar(program: Command, perform: Perform): void {
  const alerts = program.command('alerts').description('what you should look at, that is no outcome of a run');
  alerts
    .command('list')
    .description('those that nobody has put away, latest first')
    .option('--all', 'also those that were put away')
    .option('--limit <n>', 'how many, 1 to 1000', wholeNumber)
    .action((flags: { all?: boolean; limit?: number }) => perform(async (ctx) => (await load()).list(ctx, flags)));
  alerts
    .command('dismiss')
    .description('put them away, at every door')
    .argument('[alert...]', 'numbers of alerts', collectNumbers)
    .option('--all', 'all that there are now')
    .action((numbers: number[] | undefined, flags: { all?: boolean }) =>
      perform(async (ctx) => (await load()).dismiss(ctx, numbers ?? [], flags)),
    );
}
