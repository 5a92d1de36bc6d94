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
    print(usageFault(error, commandPath(program, argv)), shell, json);
    return exitCodes.usage;
  }
  const fault = toFault(error);
  print(fault.toData(), shell, json);
  // A bug on this side of the wire is in no log of the host.
  if (fault.code === 'internal' && isOurs(fault.cause)) shell.err.write(`${fault.cause.stack}\n`);
  return exitCodeOf(fault);
}

/** Errors that crossed the wire carry an HTTP-like status. */
function isOurs(cause: unknown): cause is Error {
  return cause instanceof Error && !('status' in cause);
}

function print(fault: FaultData, shell: Shell, json: boolean): void {
  if (json) {
    shell.err.write(`${JSON.stringify({ error: fault })}\n`);
    return;
  }
  const paint = createPaint(shell.err, shell.env);
  const { code, field, cure, ...rest } = forTerminal(fault);
  const flag = field === undefined ? undefined : flagOf(field);
  const message = paint.typed(
    flag && rest.message.startsWith(`${field} `) ? flag + rest.message.slice(field?.length) : rest.message,
  );
  const at = field === undefined ? [] : [`  ${paint.dim('field')}  ${fieldWords(field)}`];
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
  const message = first.charAt(0).toUpperCase() + first.slice(1);
  return { code: 'input', message, ...(field && { field }), cure: `${suggestion}See \`${path} --help\`.` };
}

/** `nightshift routines add` for an argv that begins so, as far as the words name commands. */
function commandPath(program: Command, argv: string[]): string {
  const names = [program.name()];
  let at = program;
  for (const word of argv) {
    const next = at.commands.find((command) => command.name() === word);
    if (!next) continue;
    names.push(next.name());
    at = next;
  }
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

/** The flag that fills the field, followed by the contract's spelling. */
function fieldWords(field: string): string {
  const flag = flagOf(field);
  return flag && flag !== field ? `${flag} (${field})` : field;
}
