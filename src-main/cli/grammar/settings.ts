/** What may be typed after `nightshift settings`. */
import type { Command } from 'commander';
import type { Perform } from '#cli/program.ts';

/** What may be typed after `nightshift instructions`. */
export function instructionsGrammar(program: Command, perform: Perform): void {
  program
    .command('instructions')
    .description('the files (CLAUDE.md, AGENTS.md, rules) that would tell a run how to work, and what they cost')
    .option('--repository <dir>', 'whose files count beside yours (default: the repository here)')
    .action((flags: { repository?: string }) =>
      perform(async (ctx) => (await import('#cli/instructions.ts')).instructions(ctx, flags)),
    );
}

export function settingsGrammar(program: Command, perform: Perform): void {
  program
    .command('settings')
    .description('the settings files in force, and what an administrator has fixed')
    .command('show')
    .description('every layer, its source, what is amiss, and what is locked')
    .option('--repository <dir>', 'whose files count beside yours (default: the repository here)')
    .action((flags: { repository?: string }) =>
      perform(async (ctx) => (await import('#cli/settings.ts')).show(ctx, flags)),
    );
}
