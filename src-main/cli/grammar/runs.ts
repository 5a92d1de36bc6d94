/** What may be typed after `nightshift runs` and `nightshift due`. */
import { type Command, Option } from 'commander';
import type { DueFlags } from '#cli/due.ts';
import type { Alone, Perform } from '#cli/program.ts';
import type { ReplayFlags } from '#cli/replay.ts';
import type { Shell } from '#cli/shell.ts';
import { wholeNumber } from './parse.ts';
import { sessionsGrammar } from './sessions.ts';

const load = () => import('#cli/runs.ts');

export function runsGrammar(program: Command, perform: Perform, shell: Shell, alone: Alone): void {
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
    .addOption(new Option('--trace', 'what took how long, as spans').conflicts('costs'))
    .option('--costs', 'what each request, turn and agent cost')
    .action((run: string, { trace, costs }: { trace?: boolean; costs?: boolean }) =>
      perform(async (ctx) => (await load())[trace ? 'trace' : costs ? 'costs' : 'show'](ctx, run)),
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
    .command('export')
    .description('a run that is over as one file, freed of secrets, that can be replayed anywhere')
    .argument('<run>', 'id of the run')
    .requiredOption('--cassette <file>', 'file that does not exist yet')
    .action((run: string, flags: { cassette: string }) =>
      perform(async (ctx) => (await import('#cli/replay.ts')).exportTo(ctx, run, flags.cassette)),
    );
  runs
    .command('replay')
    .description(
      'play cassettes, without a model, a sandbox or a host. Exit code: 0 all as expected, 1 something differs, 2 a file that cannot be read',
    )
    .argument('<cassettes...>', 'files that `runs export` wrote')
    .addOption(
      new Option(
        '--expect <what>',
        'what must be as it was: every byte; the conversation, whatever Nightshift itself says by now; or the verdicts alone',
      ).choices(['bytes', 'conversation', 'verdicts']),
    )
    .option('--prompt <text>', 'with this prompt: text, @file, or - for stdin')
    .option('--goal <text>', 'with this goal for its judge: text, @file, or -')
    .option('--rubric <text>', 'with this rubric for its grader: text, @file, or -')
    .option('--model-table <file>', 'with these facts about models, a JSON list; `own`: those that this version knows')
    .option('--repo <dir>', 'with the instruction files at the head of this repository, and those of this machine')
    .addOption(
      new Option('--ignore <parts...>', 'what may differ, for it changes with versions of Nightshift').choices([
        ...['system', 'tools', 'settings'],
      ]),
    )
    .action(async (files: string[], flags: ReplayFlags) => {
      const json = program.opts<{ json?: boolean }>().json === true;
      await alone(async () => (await import('#cli/replay.ts')).replay(shell, files, flags, json));
    });
  sessionsGrammar(runs, perform);
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
