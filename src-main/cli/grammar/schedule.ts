/** What may be typed after `nightshift schedule`; nothing of it needs a host. */
import { type Command, Option } from 'commander';
import type { NextFlags } from '#cli/schedule.ts';
import type { PlanFlags } from '#cli/schedule-plan.ts';
import type { Shell } from '#cli/shell.ts';
import { wholeNumber } from './parse.ts';

export function scheduleGrammar(program: Command, shell: Shell): void {
  const schedule = program.command('schedule').description('when a schedule is due, without a routine or a host');
  schedule
    .command('next')
    .description('the next due instants')
    .argument('<schedule>', 'five cron fields, a preset, or words such as "every weekday at 7:30"')
    .option('--tz <zone>', 'IANA time zone (default: that of this machine)')
    .option('--from <instant>', 'count from here instead of from now, e.g. 2026-11-20T00:00:00Z')
    .option('--count <n>', 'how many, 1 to 10000 (default: 10)', wholeNumber)
    .action(async (words: string, flags: NextFlags) =>
      (await import('#cli/schedule.ts')).next(shell, words, { ...flags, ...program.opts<{ json?: boolean }>() }),
    );
  schedule
    .command('plan')
    .description("how an operating system's scheduler says it")
    .argument('<schedule>', 'as for next')
    .option('--tz <zone>', 'IANA time zone (default: that of this machine)')
    .addOption(new Option('--os <os>', 'default: the one of this machine').choices(['systemd', 'launchd', 'windows']))
    .action(async (words: string, flags: PlanFlags) =>
      (await import('#cli/schedule-plan.ts')).showPlan(shell, words, {
        ...flags,
        ...program.opts<{ json?: boolean }>(),
      }),
    );
}
