/** What may be typed after `nightshift runs` to talk to a session, to go back in it, and to take it elsewhere. */
import type { Command } from 'commander';
import type { Perform } from '#cli/program.ts';
import { wholeNumber } from './parse.ts';

const load = () => import('#cli/sessions.ts');
const words = 'the text, - for standard input, or @file';

export function sessionsGrammar(runs: Command, perform: Perform): void {
  runs
    .command('say')
    .description('say something to a run that works, waits, or is idle; it is told at the next clean point')
    .argument('<run>', 'id of the run')
    .argument('<text>', words)
    .action((run: string, text: string) => perform(async (ctx) => (await load()).say(ctx, run, text, false)));
  runs
    .command('interrupt')
    .description('stop what a run does right now, without ending it, and say how it is to go on')
    .argument('<run>', 'id of the run')
    .argument('<text>', words)
    .action((run: string, text: string) => perform(async (ctx) => (await load()).say(ctx, run, text, true)));
  runs
    .command('fork')
    .description('a new run that goes on from this one, with its conversation and its files; this one stays as it is')
    .argument('<run>', 'id of the run')
    .option('--at-turn <n>', 'as it was after this turn; the last whole one when left out', wholeNumber)
    .option('--prompt <text>', `what it is told: ${words}`)
    .action((run: string, flags: { atTurn?: number; prompt?: string }) =>
      perform(async (ctx) => (await load()).fork(ctx, run, flags)),
    );
  runs
    .command('rewind')
    .description(
      'take a run back to a turn, with the files of then; what came after it is left behind, and stays on record',
    )
    .argument('<run>', 'id of the run')
    .requiredOption('--to-turn <n>', 'the last turn that counts', wholeNumber)
    .option('--prompt <text>', `how it is to go on: ${words}`)
    .action((run: string, flags: { toTurn: number; prompt?: string }) =>
      perform(async (ctx) => (await load()).rewind(ctx, run, flags)),
    );
  runs
    .command('bundle')
    .description('hand a run over as one file, freed of secrets, and never go on with it here')
    .argument('<run>', 'id of the run')
    .requiredOption('--out <file>', 'file that does not exist yet')
    .action((run: string, flags: { out: string }) =>
      perform(async (ctx) => (await load()).bundle(ctx, run, flags.out)),
    );
  runs
    .command('take')
    .description('go on here with a run that was handed over elsewhere')
    .argument('<file>', 'what `runs bundle` wrote')
    .requiredOption('--repo <dir>', 'a clone of its repository that has the commit that it began with')
    .option('--prompt <text>', `what it is told: ${words}`)
    .action((file: string, flags: { repo: string; prompt?: string }) =>
      perform(async (ctx) => (await load()).take(ctx, file, flags)),
    );
}
