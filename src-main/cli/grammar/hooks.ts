/** What may be typed after `nightshift hooks`. */
import type { Command } from 'commander';
import type { Perform } from '#cli/program.ts';

const load = () => import('#cli/hooks.ts');
const whose = 'of this one (default: the repository here)';

export function hooksGrammar(program: Command, perform: Perform): void {
  const hooks = program
    .command('hooks')
    .description('commands that settings files want run at moments of a session; a repository’s need your yes');
  hooks
    .command('list')
    .description('which there are, whose, and which of them run')
    .option('--repository <dir>', whose)
    .action((flags: { repository?: string }) => perform(async (ctx) => (await load()).list(ctx, flags)));
  hooks
    .command('trust')
    .description('yes to exactly the hooks that the repository has now')
    .argument('<hash>', 'of its hooks, as list says it')
    .option('--repository <dir>', whose)
    .action((hash: string, flags: { repository?: string }) =>
      perform(async (ctx) => (await load()).trust(ctx, hash, flags)),
    );
  hooks
    .command('revoke')
    .description('take back every yes to hooks of the repository')
    .option('--repository <dir>', whose)
    .action((flags: { repository?: string }) => perform(async (ctx) => (await load()).revoke(ctx, flags)));
}
