/** Says what went wrong on stderr: what, why, which field, what to do next; as JSON where JSON was asked for. */
import { type Command, CommanderError } from 'commander';
import { createPaint, forTerminal } from '#cli/print/paint.ts';
import type { FaultData } from '#contract/faults.ts';
import { toFault } from '#contract/wire-faults.ts';
import { lines } from './answer.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { Shell } from './shell.ts';

interface Setting {
  shell: Shell;
  program: Command;
  argv: string[];
}

/** The exit code that belongs to the error. */
export function report(error: unknown, { shell, program, argv }: Setting): number {
  const json = argv.includes('--json');
  if (shell.signal.aborted) {
    if (!json) shell.err.write('\nInterrupted. What the host was doing goes on.\n');
    return exitCodes.interrupted;
  }
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.ok;
    // The help that it shows in place of a message is on stderr already.
    if (error.code === 'commander.help') return exitCodes.usage;
    print(usageFault(error, commandPath(program, argv)), commandOf(program, argv), shell, json);
    return exitCodes.usage;
  }
  const fault = toFault(error);
  print(fault.toData(), commandOf(program, argv), shell, json);
  // A bug on this side of the wire is in no log of the host.
  if (fault.code === 'internal' && isOurs(fault.cause)) shell.err.write(`${fault.cause.stack}\n`);
  return exitCodeOf(fault);
}

/** Errors that crossed the wire carry an HTTP-like status. */
function isOurs(cause: unknown): cause is Error {
  return cause instanceof Error && !('status' in cause);
}

function print(fault: FaultData, command: Command, shell: Shell, json: boolean): void {
  if (json) {
    shell.err.write(`${JSON.stringify({ error: fault })}\n`);
    return;
  }
  const paint = createPaint(shell.err, shell.env);
  const { code, field, cure, ...rest } = forTerminal(fault);
  const flag = field === undefined ? undefined : typedAs(field, command);
  const message = paint.typed(
    flag && rest.message.startsWith(`${field} `) ? flag + rest.message.slice(field?.length) : rest.message,
  );
  const at = field === undefined ? [] : [`  ${paint.dim('field')}  ${fieldWords(field, flag)}`];
  const next = cure === undefined ? [] : [`  ${paint.dim('cure ')}  ${paint.typed(cure)}`];
  shell.err.write(lines([`${paint.red('error')}: ${message} ${paint.dim(`(${code})`)}`, ...at, ...next]));
}

function usageFault(error: CommanderError, path: string): FaultData {
  const dashed = error.code === 'commander.unknownOption' ? /'(-.*)'/s.exec(error.message)?.[1] : undefined;
  // No option of ours looks so: it is meant as a value, such as a mistyped cron field.
  if (dashed !== undefined && !/^--?[a-z][\w-]*(=|$)/i.test(dashed))
    return {
      code: 'input',
      message: `"${dashed}" begins with a dash and was taken for an option.`,
      cure: `Write it last, after two dashes: \`${path} … -- '${dashed.replaceAll("'", "'\\''")}'\`.`,
    };
  const [first = '', hint] = error.message.replace(/^error: /, '').split('\n');
  const field = /options? '?(?:-\w, )?(--[\w-]+)/i.exec(first)?.[1] ?? /argument '([\w-]+)'/.exec(first)?.[1];
  const suggestion = hint ? `${hint.replace(/^\(|\)$/g, '')} ` : '';
  const own = first.replace(
    /^command-argument value '(.*)' is invalid for argument '([\w-]+)'\./s,
    "'$1' cannot be <$2>.",
  );
  const message = own.charAt(0).toUpperCase() + own.slice(1);
  return { code: 'input', message, ...(field && { field }), cure: `${suggestion}See \`${path} --help\`.` };
}

/** The command that argv names, as far as its words do. */
function commandOf(program: Command, argv: string[]): Command {
  return argv.reduce((at, word) => at.commands.find((command) => command.name() === word) ?? at, program);
}

/** `nightshift routines add` for an argv that begins so. */
function commandPath(program: Command, argv: string[]): string {
  const names: string[] = [];
  for (let at: Command | null = commandOf(program, argv); at; at = at.parent) names.unshift(at.name());
  return names.join(' ');
}

const flags: Record<string, string> = {
  id: '--id',
  name: '<name>',
  prompt: '--prompt',
  description: '--description',
  repository: '--repo',
  schedule: '--schedule',
  timeZone: '--tz',
  branchPrefix: '--branch-prefix',
  model: '--model',
  fallbackModel: '--fallback-model',
  advisor: '--advisor',
  effort: '--effort',
  permissionMode: '--mode',
  checks: '--check',
  goal: '--goal',
  goalRounds: '--rounds',
  rubric: '--rubric',
  artifacts: '--artifact',
  iterations: '--iterations',
  turns: '--turns',
  minutes: '--minutes',
  dollars: '--dollars',
  // Inside of policies:
  mode: '--catch-up',
  within: '--catch-up-within',
  sameDay: '--same-day',
  overlap: '--overlap',
  jitter: '--jitter',
  minimumDistance: '--min-distance',
  activeHours: '--active-hours',
  from: '--active-hours',
  to: '--active-hours',
  pausedUntil: '--pause-until',
  priority: '--priority',
  limit: '--limit',
  web: '--web',
  network: '--allow-host',
  at: '--at',
  into: '--into',
  comments: '--comment',
  text: '--comment',
  reason: '--reason',
  url: '<url>',
};

/** The flag that fills the field, in the command that has one. */
function flagOf(field: string): string | undefined {
  if (field === 'change.name') return '--name';
  if (/^(change|spec)\.network/.test(field)) return '--host';
  const rule = /permissions\.(allow|ask|deny)/.exec(field)?.[1];
  if (rule) return `--${rule}`;
  if (/\.answerWithin$/.test(field)) return '--answer-within';
  const parts = field.split('.').filter((part) => !/^\d+$/.test(part));
  return flags[parts.at(-1) ?? ''];
}

/** What is typed here to fill the field: one and the same field is a flag of one command and an argument of another. */
function typedAs(field: string, command: Command): string | undefined {
  const flag = flagOf(field);
  if (flag !== undefined && command.options.some(({ long }) => long === flag)) return flag;
  const names = [field.split('.').at(-1), flag?.replace(/^--|[<>]/g, ''), argumentsFor[field]];
  const found = command.registeredArguments.find((argument) => names.includes(argument.name()));
  return found ? `<${found.name()}>` : undefined;
}

/** Arguments that are called otherwise than the field that they fill. */
const argumentsFor: Record<string, string> = { at: 'instant', dollarsPerDay: 'dollars' };

/** Followed by the contract's spelling, where that is another one. */
function fieldWords(field: string, typed: string | undefined): string {
  return typed && typed.replace(/^--|[<>]/g, '') !== field ? `${typed} (${field})` : (typed ?? field);
}
