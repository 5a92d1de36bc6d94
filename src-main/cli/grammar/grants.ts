/** What may be typed after `nightshift grants`. */
import type { Command } from 'commander';
import type { GrantFlags } from '#cli/grants.ts';
import type { Perform } from '#cli/program.ts';
import { wholeNumber } from './parse.ts';

const load = () => import('#cli/grants.ts');

export function grantsGrammar(program: Command, perform: Perform): void {
  const grants = program.command('grants').description('what routines may do for good, by your word');
  grants
    .command('list')
    .description('those in force, latest first')
    .option('--routine <routine>', 'only of this one')
    .option('--lapsed', 'those that ended because their routine changed')
    .option('--revoked', 'those that you took back')
    .option('--all', 'whatever became of them')
    .option('--limit <n>', 'rows, 1 to 1000', wholeNumber)
    .action((flags: GrantFlags) => perform(async (ctx) => (await load()).list(ctx, flags)));
  grants
    .command('revoke')
    .description('take it back; running runs ask again from their next call on')
    .argument('<grant...>', 'ids of grants')
    .action((ids: string[]) => perform(async (ctx) => (await load()).revoke(ctx, ids)));
}
