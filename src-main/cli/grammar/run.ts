/** What may be typed after `nightshift run`. */
import { type Command, Option } from 'commander';
import { taskCodesText } from '#cli/exit-codes.ts';
import type { Perform } from '#cli/program.ts';
import type { TaskFlags } from '#cli/run-task.ts';
import { decimalNumber, requireFlags } from './parse.ts';
import { workFlags } from './routines.ts';

export function runGrammar(program: Command, perform: Perform): void {
  workFlags(
    program
      .command('run')
      .description('do one task now and wait for what comes of it; with --json one event per line')
      .option('--prompt <text>', 'required; what to do: the text, - for standard input, or @file')
      .option('--repo <dir>', 'git repository to work on; the folder you are in when left out')
      .option('--detach', 'do not wait: print the id of the run and end; `runs follow` attaches again')
      .addOption(
        new Option('--budget <dollars>', 'most US dollars of the run, the same as --dollars')
          .argParser(decimalNumber)
          .conflicts('dollars'),
      ),
    { tz: 'IANA time zone of a /loop in the prompt', defaults: true },
  )
    .addHelpText('after', `\n${taskCodesText}`)
    .action((flags: Partial<TaskFlags>) => {
      requireFlags(flags, ['prompt']);
      return perform(async (ctx) => (await import('#cli/run-task.ts')).runTask(ctx, flags), { stopsItself: true });
    });
}
