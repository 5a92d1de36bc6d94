/** What may be typed after `nightshift questions`. */
import { type Command, Option } from 'commander';
import type { Perform } from '#cli/program.ts';
import { QuestionState } from '#contract/questions.ts';
import { wholeNumber } from './parse.ts';

const load = () => import('#cli/questions.ts');

export function questionsGrammar(program: Command, perform: Perform): void {
  const questions = program.command('questions').description('what runs ask you, and wait for');
  questions
    .command('list')
    .description('those that wait for an answer, latest first')
    .addOption(new Option('--state <state>', 'others than the open ones').choices(QuestionState.options))
    .option('--run <run>', 'only of this run')
    .option('--limit <n>', 'rows, 1 to 1000', wholeNumber)
    .action((flags: { state?: QuestionState; run?: string; limit?: number }) =>
      perform(async (ctx) => (await load()).list(ctx, flags)),
    );
  questions
    .command('show')
    .description('exactly what would be done, and why it is asked')
    .argument('<question>', 'id of the question')
    .action((id: string) => perform(async (ctx) => (await load()).show(ctx, id)));
  for (const decision of ['approve', 'deny'] as const) {
    const command = questions
      .command(decision)
      .description(decision === 'approve' ? 'let it be done, once' : 'forbid it; the run goes on without it')
      .argument('<question...>', 'ids of questions; all of them are answered, or none')
      .option('--note <text>', 'told to the run')
      .action((ids: string[], flags: { note?: string; always?: boolean }) =>
        perform(async (ctx) => (await load()).decide(ctx, ids, { ...flags, decision })),
      );
    if (decision === 'approve')
      command.option('--always', 'exactly this, from now on, for the routine as it is; grants revoke takes it back');
  }
}
