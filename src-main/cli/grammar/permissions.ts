/** What may be typed after `nightshift permissions`; only the view of a routine needs a host. */
import { type Command, Option } from 'commander';
import type { TestFlags } from '#cli/permissions/test-call.ts';
import type { Perform } from '#cli/program.ts';
import type { Shell } from '#cli/shell.ts';

export function permissionsGrammar(program: Command, shell: Shell, perform: Perform): void {
  const permissions = program.command('permissions').description('what the rules allow, and which rule decides');
  const several = (value: string, before: string[] | undefined) => [...(before ?? []), value];
  permissions
    .command('test')
    .description('judge one tool call, or a file of them; nothing is run')
    .argument('[tool]', 'Bash, Read, Edit, WebFetch, mcp__server__tool …')
    .argument('[what]', 'its command, path or URL, or its whole input as a JSON object')
    .addOption(
      new Option('--routine <routine>', 'as a run of this routine: its rules, mode and grants').conflicts([
        'batch',
        'root',
        'cwd',
        'home',
        'mode',
        'unattended',
        'allow',
        'ask',
        'deny',
      ]),
    )
    .option('--batch <file>', 'one JSON case a line; no settings are read')
    .option('--root <dir>', 'top of the project (default: the repository here; with --batch: /repo)')
    .option('--cwd <dir>', 'where the tool works (default: the root)')
    .option('--home <dir>', 'home directory (default: yours; with --batch: /home/u)')
    .addOption(
      new Option('--mode <mode>', 'default: as the settings say').choices([
        'default',
        'acceptEdits',
        'plan',
        'dontAsk',
        'auto',
      ]),
    )
    .option('--unattended', 'as at night, with nobody to ask')
    .option('--allow <rule>', 'one more allow rule; may be repeated', several)
    .option('--ask <rule>', 'one more ask rule; may be repeated', several)
    .option('--deny <rule>', 'one more deny rule; may be repeated', several)
    .action(async (tool: string | undefined, what: string | undefined, flags: TestFlags & { routine?: string }) => {
      const { readCall, testCall } = await import('#cli/permissions/test-call.ts');
      const { routine } = flags;
      if (routine === undefined)
        return testCall(shell, tool, what, { ...flags, ...program.opts<{ json?: boolean }>() });
      const call = readCall(tool, what);
      await perform(async (ctx) =>
        (await import('#cli/permissions/test-for-routine.ts')).testForRoutine(ctx, routine, call.tool, call.input),
      );
    });
  permissions
    .command('measure')
    .description('how often auto mode is wrong on the published set of actions and results')
    .option('--model <id>', 'the model that judges (default: the one that runs would ask, where there is a key)')
    .action(async (flags: { model?: string }) =>
      (await import('#cli/permissions/measure.ts')).measure(shell, { ...flags, ...program.opts<{ json?: boolean }>() }),
    );
}
