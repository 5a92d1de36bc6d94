/** Searches file contents with ripgrep where it is installed, else with git; both leave out what git ignores. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Answer, type Context, done, ToolFailure } from './answer.ts';
import { Collector, cutMiddle } from './clip.ts';
import { flag, optionalCount, optionalText, text } from './input.ts';
import { inside, locate } from './places.ts';

/** Milliseconds. */
const longestSearch = 60_000;
/** Bytes of output that are looked at. */
const longestOutput = 8 * 1024 ** 2;
const modes = ['files_with_matches', 'content', 'count'];

interface Search {
  pattern: string;
  /** Absolute, links resolved. */
  directory: string;
  /** One file in `directory`, or everything below it. */
  file: string | null;
  glob: string | undefined;
  mode: string;
  ignoreCase: boolean;
  numbers: boolean;
  after: number;
  before: number;
  multiline: boolean;
}

export async function grep(input: Record<string, unknown>, context: Context): Promise<Answer> {
  const search = understand(input, context);
  const [program, args] = ripgrep() ? ['rg', forRipgrep(search)] : ['git', forGit(search, context)];
  const { code, output, errors } = await run(program, args, search.directory, context);
  // Both end with 1 when nothing matches; ripgrep with 2 also when some file could not be read.
  if (code !== 0 && code !== 1 && output === '') {
    throw new ToolFailure(
      'tool.bad_input',
      `The search failed: ${errors.trim().slice(0, 1000) || `exit code ${code}`}`,
    );
  }
  const rows = output.split('\n').filter((row) => row !== '');
  if (rows.length === 0) return done('No matches.');
  const most = optionalCount(input, 'head_limit', 1) ?? rows.length;
  const more = rows.length > most ? `\n[${rows.length - most} more lines not shown]` : '';
  return done(cutMiddle(rows.slice(0, most).join('\n'), context.resultLimit - more.length) + more);
}

function understand(input: Record<string, unknown>, context: Context): Search {
  const mode = optionalText(input, 'output_mode') ?? 'files_with_matches';
  if (!modes.includes(mode)) throw new ToolFailure('tool.bad_input', `output_mode must be one of ${modes.join(', ')}.`);
  const named = optionalText(input, 'path') ?? '.';
  const real = realpathSync(locate(named, context));
  if (!inside(real, context)) throw new ToolFailure('tool.outside_workspace', `${named} leads outside the workspace.`);
  const directory = statSync(real).isDirectory();
  const around = optionalCount(input, '-C') ?? 0;
  return {
    pattern: text(input, 'pattern'),
    directory: directory ? real : dirname(real),
    file: directory ? null : basename(real),
    glob: optionalText(input, 'glob'),
    mode,
    ignoreCase: flag(input, '-i'),
    numbers: flag(input, '-n', true),
    after: optionalCount(input, '-A') ?? around,
    before: optionalCount(input, '-B') ?? around,
    multiline: flag(input, 'multiline'),
  };
}

function forRipgrep(search: Search): string[] {
  const modeFlags = { content: search.numbers ? ['-n'] : ['-N'], count: ['-c'] }[search.mode] ?? ['-l'];
  return [
    ...[
      '--no-config',
      '--no-heading',
      '--with-filename',
      '--color=never',
      '--hidden',
      '--glob',
      '!.git',
      '--sort',
      'path',
    ],
    ...['--max-columns', '2000', '--max-columns-preview', ...modeFlags],
    ...shared(search),
    ...(search.multiline ? ['-U', '--multiline-dotall'] : []),
    ...(search.glob ? ['--glob', search.glob] : []),
    ...['-e', search.pattern, '--', search.file ?? '.'],
  ];
}

function forGit(search: Search, context: Context): string[] {
  if (search.multiline) {
    throw new ToolFailure(
      'tool.unsupported',
      'multiline needs ripgrep, which is not installed here; use Bash with grep -Pzo or a script.',
    );
  }
  const modeFlags = { content: search.numbers ? ['-n'] : ['--no-line-number'], count: ['-c'] }[search.mode] ?? ['-l'];
  const repository = search.directory === context.workspace || search.directory.startsWith(`${context.workspace}/`);
  const tracked = repository && existsSync(`${context.workspace}/.git`);
  const where = search.file ?? (search.glob ? `:(glob)${search.glob.includes('/') ? '' : '**/'}${search.glob}` : '.');
  return [
    ...['--literal-pathspecs'].filter(() => search.file !== null),
    ...[
      'grep',
      '--no-color',
      '-I',
      '-P',
      ...(tracked ? ['--untracked'] : ['--no-index', '--exclude-standard']),
      ...modeFlags,
    ],
    ...shared(search),
    ...['-e', search.pattern, '--', where],
  ];
}

function shared(search: Search): string[] {
  const context = search.mode === 'content' ? ['-A', String(search.after), '-B', String(search.before)] : [];
  return [...(search.ignoreCase ? ['-i'] : []), ...context];
}

const ripgrep = (): boolean => ['/usr/bin/rg', '/usr/local/bin/rg'].some(existsSync);

async function run(program: string, args: string[], cwd: string, context: Context) {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longestSearch,
    killSignal: 'SIGKILL',
  });
  const cancel = (): void => void child.kill('SIGKILL');
  context.signal.addEventListener('abort', cancel, { once: true });
  const chunks: Buffer[] = [];
  const errors = new Collector(4000);
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= longestOutput) chunks.push(chunk);
    else child.kill('SIGKILL');
  });
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  try {
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('close', (...end) => resolve(end)).once('error', reject);
    });
    if (context.signal.aborted) throw new ToolFailure('tool.cancelled', 'Cancelled.');
    if (signal && size <= longestOutput) {
      throw new ToolFailure(
        'tool.timeout',
        `Stopped after ${longestSearch / 1000} seconds, the time limit of a search.`,
      );
    }
    return { code, output: Buffer.concat(chunks).toString('utf8'), errors: errors.text(4000) };
  } finally {
    context.signal.removeEventListener('abort', cancel);
  }
}
