/** What may be typed after `nightshift routines`. */

import { type Command, Option } from 'commander';
import type { Perform } from '#cli/program.ts';
import type { LedgerFlags } from '#cli/routines.ts';
import type { SpecFlags } from '#cli/spec-input.ts';
import type { OccurrenceState } from '#contract/ledger.ts';
import { PermissionMode } from '#contract/routines.ts';
import { webWays } from '#contract/web.ts';
import { collect, decimalNumber, requireFlags, wholeNumber } from './parse.ts';
import { policyFlags } from './policies.ts';

const load = () => import('#cli/routines.ts');

/** As the contract has them: the schemas themselves take time to load, and help must not wait for them. */
const occurrenceStates: OccurrenceState[] = [
  ...(['claimed', 'running', 'ran', 'ran_late', 'coalesced', 'skipped', 'blocked', 'lost'] as const),
];

export function routinesGrammar(program: Command, perform: Perform): void {
  const routines = program.command('routines').description('what to do and when');

  specFlags(
    routines
      .command('add')
      .description('write a routine; the OS scheduler will wake it')
      .argument('<name>', 'its name, in your words')
      .option('--prompt <text>', 'required; what to do: the text, - for standard input, or @file')
      .option('--repo <dir>', 'required; git repository to work on')
      .option('--schedule <when>', 'required; cron fields, a preset, or words such as "every weekday at 7:30"')
      .option('--id <id>', 'folder name; from the name when left out'),
    true,
  ).action((name: string, flags: SpecFlags & { id?: string }) => {
    requireFlags(flags, ['prompt', 'repo', 'schedule']);
    return perform(async (ctx) => (await load()).add(ctx, name, flags));
  });
  routines
    .command('list')
    .description('all routines, with the next due instant')
    .action(() => perform(async (ctx) => (await load()).list(ctx)));
  one(routines, 'show', 'everything about one routine').action((id: string) =>
    perform(async (ctx) => (await load()).show(ctx, id)),
  );
  routines
    .command('check')
    .argument('[routine]', 'id of the routine; all when left out')
    .description('what would keep it from doing what it says. Exit code: 0 nothing, 1 something')
    .action((id?: string) => perform(async (ctx) => (await import('#cli/check-routines.ts')).checkRoutines(ctx, id)));
  const edit = specFlags(
    one(routines, 'edit', 'change the named fields, leave the others')
      .option('--name <name>', 'its name, in your words')
      .option('--prompt <text>', 'what to do: the text, - for standard input, or @file')
      .option('--repo <dir>', 'git repository to work on')
      .option('--schedule <when>', 'cron fields, a preset, or words such as "every weekday at 7:30"')
      .option('--no-check', 'remove all checks'),
    false,
  ).action((id: string, flags: SpecFlags & { check?: string[] | boolean }) =>
    // Commander turns a negatable flag that was not given into `true`.
    perform(async (ctx) =>
      (await load()).edit(ctx, id, { ...flags, check: flags.check === true ? undefined : flags.check }),
    ),
  );
  // Whichever came last would win without a word.
  const seen = new Set<string>();
  for (const name of ['check', 'no-check'])
    edit.on(`option:${name}`, () => {
      if (seen.add(name).size > 1) edit.error("error: option '--no-check' cannot be given together with --check.");
    });
  one(routines, 'pause', 'no more due instants until resumed').action((id: string) =>
    perform(async (ctx) => (await load()).pause(ctx, id)),
  );
  one(routines, 'resume', 'due again from now on').action((id: string) =>
    perform(async (ctx) => (await load()).resume(ctx, id)),
  );
  one(routines, 'remove', 'delete it; runs, proposals and ledger rows stay').action((id: string) =>
    perform(async (ctx) => (await load()).remove(ctx, id)),
  );
  one(routines, 'run', 'start a run now, or at an instant that the OS scheduler fires')
    .option('--at <instant>', '+10s, +5m, +2h, +1d, or a date such as 2026-11-21T03:00:00Z')
    .action((id: string, flags: { at?: string }) => perform(async (ctx) => (await load()).run(ctx, id, flags)));
  one(
    routines,
    'rehearse',
    'a trial run in a few seconds: what would leave the machine is recorded, nothing lands',
  ).action((id: string) => perform(async (ctx) => (await import('#cli/trials.ts')).rehearse(ctx, id)));
  one(routines, 'trial', 'what its trial run needed')
    .option('--sign', 'grant exactly what the list says, for the routine as it is')
    .action((id: string, flags: { sign?: boolean }) =>
      perform(async (ctx) => (await import('#cli/trials.ts')).trial(ctx, id, flags)),
    );
  one(routines, 'why', 'why something, or nothing, happened at an instant')
    .argument('<instant>', 'a date with time and zone such as 2026-11-21T03:00:00Z, 12h for twelve hours ago, or +12h')
    .action((id: string, at: string) => perform(async (ctx) => (await load()).why(ctx, id, at)));
  routines
    .command('pause-all')
    .description('hold every routine back; what falls due meanwhile is skipped')
    .option('--until <instant>', '+2h, +1d, or a date with time and zone; until lifted when left out')
    .action((flags: { until?: string }) => perform(async (ctx) => (await load()).pauseAll(ctx, flags)));
  routines
    .command('resume-all')
    .description('lift the pause of all routines')
    .action(() => perform(async (ctx) => (await load()).resumeAll(ctx)));
  routines
    .command('ledger')
    .description('the account of every due instant, latest first')
    .argument('[routine]', 'only this one')
    .addOption(new Option('--state <state>', 'only these').choices(occurrenceStates))
    .option('--since <when>', 'only what was due since: 12h, 7d, or a date such as 2026-11-21T03:00:00Z')
    .option('--limit <n>', 'rows, 1 to 1000', wholeNumber)
    .action((id: string | undefined, flags: LedgerFlags) =>
      perform(async (ctx) => (await load()).ledger(ctx, id, flags)),
    );
}

function one(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).argument('<routine>', 'id of the routine');
}

function specFlags(command: Command, defaults: boolean): Command {
  const named = workFlags(command, { tz: 'IANA time zone of the schedule', defaults }).option(
    '--dollars-per-day <n>',
    `most US dollars of all its runs in one day, 0.01 to 10000${defaults ? ' (default: 10)' : ''}`,
    decimalNumber,
  );
  return policyFlags(named);
}

interface Words {
  /** Of `--tz`. */
  tz: string;
  /** Says what holds where a flag is left out; else that stays as it was. */
  defaults: boolean;
}

/** What is done and how far, whenever that is. */
export function workFlags(command: Command, { tz, defaults }: Words): Command {
  const or = (text: string, value: number | string) => (defaults ? `${text} (default: ${value})` : text);
  return command
    .option('--tz <zone>', or(tz, 'that of this machine'))
    .option('--description <text>', 'one line for people')
    .option('--model <model>', or('auto, rehearsal, or a model id, see `model list`', 'auto'))
    .option('--fallback-model <model>', 'goes on when the model refuses; off: none')
    .option('--advisor <model>', 'a stronger model that it may ask for advice; off: none')
    .addOption(
      new Option('--effort <effort>', or('how hard the model thinks', 'medium')).choices([
        'low',
        'medium',
        'high',
        'xhigh',
        'max',
      ]),
    )
    .addOption(
      new Option('--mode <mode>', or('what becomes of what no rule speaks of; plan: read-only', 'acceptEdits')).choices(
        PermissionMode.options,
      ),
    )
    .option('--allow <rule>', 'permission rule such as "Bash(npm test:*)"; may be repeated; off: none', collect)
    .option('--ask <rule>', 'rule for what a person is asked about; may be repeated; off: none', collect)
    .option('--deny <rule>', 'rule for what is never done; may be repeated; off: none', collect)
    .addOption(
      new Option('--when-asked <how>', or('park: wait for your answer; deny: go on without it', 'park')).choices([
        'park',
        'deny',
      ]),
    )
    .addOption(
      new Option(
        '--hooks <how>',
        or('trusted: of the repository those you said yes to; required: no run without that yes; off: none', 'trusted'),
      ).choices([...['trusted', 'required', 'off']]),
    )
    .addOption(
      new Option(
        '--memory <how>',
        or('review: you decide what is kept; on: kept when a run ends well; off: none', 'review'),
      ).choices([...['review', 'on', 'off']]),
    )
    .option('--answer-within <time>', or('then a question counts as denied: minutes, or 12h, 7d; at most 30d', '7d'))
    .option(
      '--host <host>',
      or('may be reached from the sandbox, name:port or registry:npm; may be repeated; off: no network', 'off'),
      collect,
    )
    .addOption(
      new Option(
        '--web <what>',
        or("what the model's address may look up on the web; --host bounds it", 'off'),
      ).choices(Object.keys(webWays)),
    )
    .option('--check <command>', 'shell command that proves the work; may be repeated', collect)
    .option('--goal <text>', 'condition that is judged whenever the agent ends its turn, or @file; off: none')
    .option('--rounds <n>', or('rounds without progress towards the goal, then you are asked, 1 to 20', 3), wholeNumber)
    .option('--rubric <text>', 'criteria, a list in Markdown, that a grader judges: a file, or the text; off: none')
    .option('--artifact <path>', 'file or glob pattern the result must have; may be repeated; off: none', collect)
    .option('--iterations <n>', or('gradings at most, 1 to 20', 3), wholeNumber)
    .option('--turns <n>', or('most model responses in one run, 1 to 500', 60), wholeNumber)
    .option('--minutes <n>', or('most minutes of work in one run, judging among them, 0.1 to 1440', 60), decimalNumber)
    .option('--dollars <n>', or('most US dollars of one run, 0.01 to 1000', 2), decimalNumber)
    .option('--tokens <n>', or('most tokens of one run, 1000 to 10000000000', 20_000_000), wholeNumber)
    .option('--output-tokens <n>', or('most tokens that the model writes in one run', 1_000_000), wholeNumber)
    .option('--tool-calls <n>', or('most tool calls of one run, 1 to 100000', 1000), wholeNumber)
    .option('--branch-prefix <prefix>', or('start of the branch names, ending in /', 'nightshift/'));
}
