/** What may be typed after `nightshift proposals`. */
import { type Command, Option } from 'commander';
import type { Perform } from '#cli/program.ts';
import type { ApproveFlags } from '#cli/proposals.ts';
import type { ProposalState } from '#contract/proposals.ts';
import { collect, wholeNumber } from './parse.ts';

const load = () => import('#cli/proposals.ts');

export function proposalsGrammar(program: Command, perform: Perform): void {
  const proposals = program.command('proposals').description('what waits for your decision');
  proposals
    .command('list')
    .description('latest first')
    .addOption(
      new Option('--state <state>', 'only these').choices(['open', 'revising', 'approved', 'rejected', 'pruned']),
    )
    .option('--limit <n>', 'rows, 1 to 1000', wholeNumber)
    .action((flags: { state?: ProposalState; limit?: number }) =>
      perform(async (ctx) => (await load()).list(ctx, flags)),
    );
  one(proposals, 'show', 'the change with its evidence')
    .option('--diff', 'with --json: { proposal, patch } in place of the proposal alone')
    .action((id: string, flags: { diff?: boolean }) => perform(async (ctx) => (await load()).show(ctx, id, flags)));
  one(proposals, 'approve', 'land it on a branch')
    .option('--into <branch>', 'where to (default: the branch the run started from)')
    .option(
      '--with-files-that-run',
      'also those that would run on this machine outside the sandbox: look at them first',
    )
    .action((id: string, flags: ApproveFlags) => perform(async (ctx) => (await load()).approve(ctx, id, flags)));
  one(proposals, 'reject', 'decline it; the branch is kept for 14 days')
    .option('--reason <text>', 'why, for the record')
    .action((id: string, flags: { reason?: string }) => perform(async (ctx) => (await load()).reject(ctx, id, flags)));
  one(proposals, 'revise', 'ask for changes in the same session')
    .requiredOption(
      '--comment <text>',
      'what should be different; `file:line: text` for one place; may be repeated',
      collect,
    )
    .action((id: string, flags: { comment: string[] }) =>
      perform(async (ctx) => (await load()).revise(ctx, id, flags)),
    );
}

function one(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).argument('<proposal>', 'id of the proposal');
}
