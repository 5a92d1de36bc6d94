/** What may be typed after `nightshift audit`. */
import { type Command, Option } from 'commander';
import type { ShowFlags, VerifyFlags } from '#cli/audit.ts';
import type { Alone, Perform } from '#cli/program.ts';
import type { Shell } from '#cli/shell.ts';
import { wholeNumber } from './parse.ts';

export function auditGrammar(program: Command, perform: Perform, shell: Shell, alone: Alone): void {
  const audit = program.command('audit').description('what runs asked, did and were allowed, in a chain of records');
  const load = () => import('#cli/audit.ts');
  audit
    .command('verify')
    .description('find the first record that is not as it was written; exit code 1 if there is one')
    .option('--run <id>', 'only this run')
    .option('--file <export>', 'check an export; no host is asked')
    .option(
      '--trailers <file>',
      'also check the audit trailers in this text, as of `git log --format=%B`; - reads it in',
    )
    .action(async (flags: VerifyFlags) => {
      if (flags.file === undefined) return perform(async (ctx) => (await load()).verify(ctx, flags));
      const json = program.opts<{ json?: boolean }>().json === true;
      const { file, run } = flags;
      await alone(async () => (await import('#cli/audit-file.ts')).verifyFile(shell, file, run, json));
    });
  audit
    .command('show')
    .description('the records of one run, oldest first')
    .argument('<run>', 'id of the run')
    .option('--after <seq>', 'only records after this number', wholeNumber)
    .addOption(new Option('--decision <decision>', 'only what was decided so').choices(['allow', 'ask', 'deny']))
    .option('--limit <n>', 'records, 1 to 1000', wholeNumber)
    .action((run: string, flags: ShowFlags) => perform(async (ctx) => (await load()).show(ctx, run, flags)));
  audit
    .command('export')
    .description('records, checkpoints and public keys in one file')
    .option('--run <id>', 'only this run')
    .requiredOption('--to <file>', 'file that does not exist yet')
    .action((flags: { run?: string; to: string }) => perform(async (ctx) => (await load()).exportTo(ctx, flags)));
  audit
    .command('prune')
    .description('delete the records of runs that ended before an instant; the ends of their chains are kept')
    .requiredOption('--before <when>', 'e.g. 90d, or 2026-11-20T00:00:00Z')
    .action((flags: { before: string }) => perform(async (ctx) => (await load()).prune(ctx, flags)));
}
