/** What may be typed about a routine's policies; each flag is one field of them. */
import { type Command, Option } from 'commander';
import { integer, wholeNumber } from './parse.ts';

export function policyFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--catch-up <mode>', 'what was missed: run none, the newest once, or each').choices([
        ...['skip', 'latest', 'each'],
      ]),
    )
    .option('--catch-up-within <time>', 'not later than that after it was due: minutes, or 12h, 7d; at most 31d')
    .option('--same-day', 'catch up only on the day on which it was due')
    .option('--no-same-day', 'catch up also on a later day')
    .addOption(
      new Option('--overlap <how>', 'when it is due while it still runs').choices([
        ...['skip', 'queue_one', 'queue_all', 'cancel_old', 'parallel'],
      ]),
    )
    .option('--jitter <minutes>', 'put starts off by up to so much, always the same, 0 to 720', wholeNumber)
    .option('--min-distance <minutes>', 'least time between two starts, 0 to 44640', wholeNumber)
    .option('--active-hours <hours>', 'start only then, e.g. 22:00-06:00 in the zone of the schedule; off: at any time')
    .option('--on-mains', 'start only on mains power')
    .option('--no-on-mains', 'start on battery, too')
    .option('--unmetered', 'start only on a network that is not metered')
    .option('--no-unmetered', 'start on any network')
    .option('--wake', 'wake the sleeping machine for it, where the system can')
    .option('--no-wake', 'let the machine sleep')
    .option('--keep-awake', 'no going to sleep while it runs')
    .option('--no-keep-awake', 'the machine may go to sleep while it runs')
    .option('--pause-until <when>', '+2h, +2d, or a date with time and zone; off: not paused')
    .option('--priority <n>', 'higher goes first, -10 to 10', integer);
}
