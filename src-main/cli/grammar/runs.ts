/** What may be typed after `nightshift runs` and `nightshift due`. */
import { type Command, Option } from 'commander';
import type { DueFlags } from '#cli/due.ts';
import type { Perform } from '#cli/program.ts';
import { wholeNumber } from './parse.ts';

const load = () => import('#cli/runs.ts');

export function runsGrammar(program: Command, perform: Perform): void {
  const runs = program.command('runs').description('what was and is being done');
  runs
    .command('list')
    .description('latest first')
    .option('--routine <id>', 'only of this routine')
    .option('--limit <n>', 'rows, 1 to 1000', wholeNumber)
    .action((flags: { routine?: string; limit?: number }) => perform(async (ctx) => (await load()).list(ctx, flags)));
  runs
    .command('show')
    .description('everything about one run')
    .argument('<run>', 'id of the run')
    .option('--trace', 'what took how long, as spans')
    .action((run: string, flags: { trace?: boolean }) =>
      perform(async (ctx) => (await load())[flags.trace ? 'trace' : 'show'](ctx, run)),
    );
  runs
    .command('follow')
    .description('watch a run until it is over; with --json one event per line')
    .argument('<run>', 'id of the run')
    .option('--after <seq>', 'only events after this sequence number', wholeNumber)
    .action((run: string, flags: { after?: number }) =>
      perform(async (ctx) => (await load()).followRun(ctx, run, flags)),
    );
  runs
    .command('stop')
    .description('stop a run; what it did is kept')
    .argument('<run>', 'id of the run')
    .action((run: string) => perform(async (ctx) => (await load()).stop(ctx, run)));
}

export function dueGrammar(program: Command, perform: Perform): void {
  program
    .command('due')
    .description('run what is due; the OS timer calls this')
    .addOption(
      new Option('--by <who>', 'who noticed, for the ledger').choices(['cli', 'os_timer', 'sweep']).default('cli'),
    )
    .option('--routine <id>', 'only this routine')
    .option('--no-wait', 'hand over to the host and go; default: wait until the runs are over')
    .action((flags: DueFlags) => perform(async (ctx) => (await import('#cli/due.ts')).due(ctx, flags)));
}
