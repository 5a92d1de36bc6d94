/** What may be typed after `nightshift sandbox`; nothing of it needs a host. */
import type { Command } from 'commander';
import { execCodes } from '#cli/exit-codes.ts';
import type { Alone } from '#cli/program.ts';
import type { ExecFlags } from '#cli/sandbox.ts';
import type { Shell } from '#cli/shell.ts';
import { collect, wholeNumber } from './parse.ts';

export function sandboxGrammar(program: Command, shell: Shell, alone: Alone): void {
  const sandbox = program.command('sandbox').description('the small machine that runs work in');
  sandbox
    .command('exec')
    .description(
      "one command in a run's sandbox; ends with its exit code, 124 when its time was up, 137 at another limit, 125 without a sandbox; with --json its code, streams and refusals as one document",
    )
    .argument('<command...>', 'for bash; write -- before it')
    .requiredOption('--worktree <folder>', 'seen inside as /workspace; a git worktree, or any folder')
    .option('--allow-host <host:port>', 'may be reached; many times, port 443 when left out', collect)
    .option('--registry <name>', 'packages may be read from it, e.g. npm; many times', collect)
    .option('--read-only', 'the worktree may not be written')
    .option('--timeout <seconds>', 'at most, 1 to 600 (default: 120)', wholeNumber)
    .action((words: string[], flags: ExecFlags) =>
      alone(
        async () =>
          (await import('#cli/sandbox.ts')).exec(shell, words.join(' '), {
            ...flags,
            ...program.opts<{ json?: boolean }>(),
          }),
        execCodes.sandbox,
      ),
    );
}
