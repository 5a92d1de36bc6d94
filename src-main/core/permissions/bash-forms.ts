/** Every text under which a deny or ask rule may find a command, however it is spelled or wrapped. */
import { readGit } from './guards/git.ts';
import { shells } from './guards/interpreters.ts';
import { startedBy } from './guards/runners.ts';
import { readShell, type Segment } from './shell/read-shell.ts';
import { isStatic, type ShellWord } from './shell/words.ts';

/** Programs that start another one, which a prohibition reaches although no permission does. */
const starters = new Set(
  (
    'timeout time nice nohup stdbuf command builtin xargs env sudo doas su pkexec runuser watch setsid ionice flock chroot ' +
    'unshare nsenter strace ltrace gdb script expect parallel entr at batch systemd-run busybox toybox taskset chrt numactl ' +
    'prlimit valgrind rlwrap unbuffer xvfb-run dbus-run-session fakeroot proot bwrap firejail setpriv setarch choom ssh ' +
    'eval exec trap coproc find fd fdfind npx bunx uvx pipx start-stop-daemon catchsegv perf caffeinate alias git ' +
    'dotenv dotenvx trickle sshpass torsocks torify tsocks proxychains proxychains4 eatmydata cgexec schroot direnv devbox pixi conda mamba ' +
    'micromamba doppler aws-vault chamber envchain foreman honcho volta rtx pyenv rbenv nodenv nix-shell'
  ).split(' '),
);

const deepest = 4;
const mostSuffixes = 40;

/** With quotes taken off and single spaces; a space inside a word is kept apart from one between words. */
export function plainText(words: readonly ShellWord[]): string {
  return words.map(({ value }) => value).join(' ');
}

/** As a wildcard of an allow rule sees it: a word with spaces in it is never taken for several. */
export function strictText(words: readonly ShellWord[]): string {
  return words.map(({ value }) => value.replaceAll(' ', '\u0001')).join(' ');
}

export function rawText(words: readonly ShellWord[]): string {
  return words.map(({ raw }) => raw).join(' ');
}

export interface FormOptions {
  /** Programs are found whatever the case of their letters. */
  fold: boolean;
}

export function forms(segment: Segment, options: FormOptions): string[] {
  const all = new Set<string>();
  const assigned = segment.assigned.map(({ name, value }) => `${name}=${value?.value ?? ''}`);
  if (assigned.length > 0) all.add([...assigned, plainText(segment.words)].join(' ').trim());
  addForms(segment.words, options, all, 0);
  return [...all];
}

function addForms(words: readonly ShellWord[], options: FormOptions, all: Set<string>, depth: number): void {
  const name = words[0];
  if (!name) return;
  all.add(plainText(words));
  all.add(rawText(words));
  const program = programName(name.value, options.fold);
  const rest = words.slice(1);
  if (program !== name.value) all.add(plainText([{ ...name, value: program }, ...rest]));
  if (program === 'git') {
    const { subcommand, args } = readGit(rest);
    if (subcommand) all.add(['git', subcommand, ...args.map(({ value }) => value)].join(' '));
  }
  if (depth >= deepest) return;
  const started = startedBy(program, rest);
  if (started && 'program' in started && started.program !== '')
    addForms([{ ...name, value: started.program, raw: started.program }, ...started.args], options, all, depth + 1);
  const shell = shells.test(program);
  if (!(shell || starters.has(program))) return;
  if (program !== 'git')
    for (let i = 1; i < Math.min(words.length, mostSuffixes); i++)
      if (!words[i]?.value.startsWith('-')) addForms(words.slice(i), options, all, depth + 1);
  for (const text of innerTexts(program, rest, shell))
    for (const inner of readShell(text).segments) addForms(inner.words, options, all, depth + 1);
}

/** Arguments that the program reads as a command of their own. */
function innerTexts(program: string, args: readonly ShellWord[], shell: boolean): string[] {
  if (program === 'git')
    return args.flatMap(({ value }, index) =>
      args[index - 1]?.value === '-c' ? [value.replace(/^[^=]*=\s*!?/, '')] : [],
    );
  if (program === 'eval') return [args.map(({ value }) => value).join(' ')];
  return args.flatMap((word, index) => {
    if (!isStatic(word) || word.value.length > 10_000) return [];
    if (program === 'alias') return /[=!]/.test(word.value) ? [word.value.replace(/^[^=]*=\s*!?/, '')] : [];
    const command =
      /\s/.test(word.value) || program === 'trap' || (shell && /^-[a-z]*c$/.test(args[index - 1]?.value ?? ''));
    return command ? [word.value] : [];
  });
}

/** Without folder and without the ending that Windows gives programs. */
export function programName(written: string, fold: boolean): string {
  const name = written
    .slice(Math.max(written.lastIndexOf('/'), written.lastIndexOf('\\')) + 1)
    .replace(/\.(exe|cmd|bat|com)$/i, '');
  return fold ? name.toLowerCase() : name;
}
