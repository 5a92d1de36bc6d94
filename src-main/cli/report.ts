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
  if (shell.signal.aborted) {
    if (!argv.includes('--json')) shell.err.write('\nInterrupted. What the host was doing goes on.\n');
    return exitCodes.interrupted;
  }
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.ok;
    // The help that it shows in place of a message is on stderr already.
    if (error.code === 'commander.help') return exitCodes.usage;
    print(usageFault(error, commandPath(program, argv)), { program, shell, argv });
    return exitCodes.usage;
  }
  const fault = toFault(error);
  print(fault.toData(), { program, shell, argv });
  // A bug on this side of the wire is in no log of the host.
  if (fault.code === 'internal' && isOurs(fault.cause)) shell.err.write(`${fault.cause.stack}\n`);
  return exitCodeOf(fault);
}

/** Errors that crossed the wire carry an HTTP-like status. */
function isOurs(cause: unknown): cause is Error {
  return cause instanceof Error && !('status' in cause);
}

/** As JSON the field keeps the contract's name, and the flag stands beside it. */
function print(fault: FaultData, { program, shell, argv }: Setting): void {
  const flag = fault.field === undefined ? undefined : typedAs(fault.field, commandOf(program, argv), argv);
  if (argv.includes('--json')) {
    const error = { ...fault, message: namingFlag(fault, flag), ...(flag?.startsWith('--') ? { flag } : {}) };
    shell.err.write(`${JSON.stringify({ error })}\n`);
    return;
  }
  const paint = createPaint(shell.err, shell.env);
  const { code, field, cure, ...rest } = forTerminal(fault);
  const message = paint.typed(namingFlag({ field, ...rest }, flag));
  const at = field === undefined ? [] : [`  ${paint.dim('field')}  ${fieldWords(field, flag)}`];
  const next = cure === undefined ? [] : [`  ${paint.dim('cure ')}  ${paint.typed(cure)}`];
  shell.err.write(lines([`${paint.red('error')}: ${message} ${paint.dim(`(${code})`)}`, ...at, ...next]));
}

function namingFlag({ message, field }: Pick<FaultData, 'message' | 'field'>, flag: string | undefined): string {
  return flag && field && message.startsWith(`${field} `) ? flag + message.slice(field.length) : message;
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
  dollarsPerDay: '--dollars-per-day',
  tokens: '--tokens',
  outputTokens: '--output-tokens',
  toolCalls: '--tool-calls',
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

/** Other spellings of a flag, that count where they were typed. */
const aliases: Record<string, string> = { '--dollars': '--budget' };

/** What is typed here to fill the field: one and the same field is a flag of one command and an argument of another. */
function typedAs(field: string, command: Command, argv: string[]): string | undefined {
  const flag = flagOf(field);
  const has = (wanted: string) => command.options.some(({ long }) => long === wanted);
  const alias = flag === undefined ? undefined : aliases[flag];
  if (alias && has(alias) && argv.some((word) => word === alias || word.startsWith(`${alias}=`))) return alias;
  if (flag !== undefined && has(flag)) return flag;
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
