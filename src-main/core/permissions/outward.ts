/** Always a person's: what leaves the machine, spends, publishes, or cannot be undone. */
import { readGit } from './guards/git.ts';
import { guardFault } from './guards/guard.ts';
import { isInterpreter, shells } from './guards/interpreters.ts';
import { startedBy } from './guards/runners.ts';
import { staysHere } from './guards/stays-here.ts';
import { always, clouds, cloudVerbs, elsewhere, looking, unattended } from './outward-table.ts';
import { readShell } from './shell/read-shell.ts';
import { isStatic, type ShellWord } from './shell/words.ts';
import { unwrap } from './shell/wrappers.ts';

/** Where nobody is there: for each program the words that make it so; an empty pattern: always. */
const table: Record<string, RegExp> = {
  gh: /^(merge|release|api|create|delete|close|comment|edit|review|reopen|secret|variable|workflow|run|gist)$/,
  glab: /^(merge|release|api|create|delete|close)$/,
  npm: /^(publish|unpublish|deprecate|dist-tag|owner|access|token|adduser|login)$/,
  yarn: /^(publish|npm)$/,
  cargo: /^(publish|yank|owner|login)$/,
  docker: /^(push|login|rm|rmi|prune|kill|stop)$/,
  podman: /^(push|login|rm|rmi|prune)$/,
  chmod: /^(-\w*R|--recursive)/,
  chown: /^(-\w*R|--recursive)/,
  dd: /^of=/,
  curl: /^(-X|--request|-d|--data|-F|--form|-T|--upload)/,
  mysql: /^/,
  psql: /^/,
  mongosh: /^/,
  'redis-cli': /^/,
  sqlite3: /^/,
  sqlcmd: /^/,
  mariadb: /^/,
  mail: /^/,
  sendmail: /^/,
  shred: /^/,
  truncate: /^/,
};
const cloudWords =
  /delete|remove|terminate|destroy|purge|^rm$|^rb$|^mv$|^sync$|^cp$|create|put|update|deploy|start|stop|run|invoke|send|publish/;

/** Change only what a sandbox holds anyway. */
const local = new Set(['chmod', 'chown', 'dd', 'sqlite3', 'shred', 'truncate', 'rm']);

/**
 * `every`: what no wildcard rule covers, in no mode. `outside`: also what a person at the keyboard may do, but not a run.
 * `all`: also what cannot be undone without leaving the sandbox, as auto mode wants it.
 */
export type Reach = 'every' | 'outside' | 'all';

/** Half a sentence that says what; null: nothing is known of it that would. */
export function outwardReason(
  program: string,
  args: readonly ShellWord[],
  fed: boolean,
  reach: Reach,
  depth = 0,
): string | null {
  if (depth > 3) return null;
  const own = ownReason(program, args, fed, reach);
  return own ?? innerReason(program, args, reach, depth + 1);
}

function ownReason(program: string, args: readonly ShellWord[], fed: boolean, reach: Reach): string | null {
  if (reach !== 'all' && (local.has(program) || isInterpreter(program))) return null;
  if (program === 'git') return reach === 'every' ? null : gitReason(args);
  if (isRehearsal(program, args) || staysHere(program, args)) return null;
  if (actsElsewhere(program, args)) return `${program} changes something elsewhere, for others`;
  return reach === 'every' ? null : unattendedReason(program, args, fed);
}

function actsElsewhere(program: string, args: readonly ShellWord[]): boolean {
  if (clouds.test(program))
    return operandsOf(args)
      .slice(0, 4)
      .some((word) => cloudVerbs.test(word));
  return always.has(program) || saysOne(elsewhere, program, args) || writes(program, args);
}

function unattendedReason(program: string, args: readonly ShellWord[], fed: boolean): string | null {
  const has = (pattern: RegExp) => args.some(({ value }) => pattern.test(value));
  if (clouds.test(program) && has(cloudWords)) return `${program} changes something elsewhere`;
  if (saysOne(unattended, program, args) || (Object.hasOwn(table, program) && has(table[program] as RegExp)))
    return `${program} reaches outside or cannot be undone`;
  if (isInterpreter(program) && guardFault(program, args, fed)) return 'a program that is written on the command line';
  if (program === 'rm' && has(/^(\/|~)|\$|`/)) return 'it deletes by an absolute or computed name';
  return null;
}

const operandsOf = (args: readonly ShellWord[]) => args.flatMap(({ value }) => (value.startsWith('-') ? [] : [value]));

/** One of the first words begins such a phrase, before one that says that it is about something else. */
function saysOne(known: ReadonlyMap<string, RegExp>, program: string, args: readonly ShellWord[]): boolean {
  const phrase = known.get(program);
  if (!phrase) return false;
  // Without a word of its own, this deploys what is there.
  if (/^(vercel|vc)$/.test(program) && operandsOf(args).length === 0) return true;
  const words = operandsOf(args);
  const goals = /^(mvn|mvnw|gradle|gradlew|sbt|cap|make|just|task|fab)$/.test(program);
  for (let at = 0; at < Math.min(words.length, goals ? 40 : 5); at++) {
    if (phrase.test(words.slice(at, at + 6).join(' '))) return true;
    if (known === elsewhere && looking.get(program)?.test(words[at] as string)) return false;
  }
  return false;
}

/** What an option or a statement says, not a subcommand. */
function writes(program: string, args: readonly ShellWord[]): boolean {
  const has = (pattern: RegExp) => args.some(({ value }) => pattern.test(value));
  if (/^(docker|podman|buildctl)$/.test(program)) return has(/^--push(=true)?$/);
  if (/^(gh|glab)$/.test(program) && operandsOf(args)[0] === 'api')
    return has(/^(-[fF]|--field|--raw-field|--input)/) || args.some(isOtherMethod);
  if (/^(psql|mysql|mariadb|sqlcmd|cockroach|clickhouse-client|snowsql|bq)$/.test(program))
    return has(/\b(drop|truncate|alter|grant|revoke)\s+\w|\bdelete\s+from\b/i);
  if (program === 'redis-cli' || program === 'valkey-cli') return has(/^(flushall|flushdb|shutdown)$/i);
  if (/^(mongosh|mongo)$/.test(program)) return has(/\b(drop\w*|delete\w*|remove)\(/);
  return false;
}

function isOtherMethod({ value }: ShellWord, at: number, args: readonly ShellWord[]): boolean {
  const method = /^(?:-X|--method=?)(.*)$/.exec(value);
  return method !== null && !/^(get|head)$/i.test(method[1] || (args[at + 1]?.value ?? ''));
}

const dry =
  /^(--help|--dry-?run(=(true|client|server))?|--check|--syntax-check|--list-(tasks|hosts|tags)|--what-if|--template-only)$/;
const databases = /^(psql|mysql|mariadb|mongosh|mongo|redis-cli|valkey-cli|sqlite3|sqlcmd)$/;

/** It only says what it would do, by an option of its own: not by the value of another one or a word for somebody else. */
function isRehearsal(program: string, args: readonly ShellWord[]): boolean {
  const end = args.findIndex(({ value }) => value === '--');
  const own = end < 0 ? args : args.slice(0, end);
  const [first] = own;
  if (args.length === 1 && first && isStatic(first) && /^(--help|--version|-v|-V|help|version)$/.test(first.value))
    return true;
  if (databases.test(program) || !args.every(isStatic)) return false;
  if (own.some(({ value }) => /^--(no-dry-?run|dry-?run=(false|none|0|no))/.test(value))) return false;
  if (first?.value === 'help') return true;
  return own.some(({ value }, at) => dry.test(value) && !/^--?[\w-]+$/.test(own[at - 1]?.value ?? ''));
}

/** Start what they are given in their words, or in one of them as a text. */
const starters =
  /^(env|sudo|doas|su|setsid|nohup|nice|ionice|chrt|taskset|flock|watch|script|strace|ltrace|unshare|nsenter|parallel|xargs|time|timeout|stdbuf|runuser|pkexec|sg|systemd-run|systemd-inhibit|chronic|ifne|caffeinate|direnv|op|doppler|dotenvx?|aws-vault|chamber|infisical|eval|exec|entr|busybox|toybox|jobs|openvt|setpriv|prlimit|unbuffer|corepack|mise|asdf|rtx|uvx|pipx|npm|pnpx|bun|bundle)$/;

/** Names under which a package is called whose program is called otherwise. */
const packages: Readonly<Record<string, string>> = {
  cli: 'railway',
  'firebase-tools': 'firebase',
  'netlify-cli': 'netlify',
  'aws-cdk': 'cdk',
  'eas-cli': 'eas',
  'cdktf-cli': 'cdktf',
  'expo-cli': 'expo',
};

/** What it starts, as far as that stands there. */
function innerReason(program: string, args: readonly ShellWord[], reach: Reach, depth: number): string | null {
  const started = startedBy(program, args);
  if (started && 'program' in started && started.program !== '')
    return outwardReason(packages[started.program] ?? started.program, started.args, false, reach, depth);
  if (shells.test(program)) {
    const at = args.findIndex(({ value }) => /^-\w*c$/.test(value));
    return at < 0 ? null : textReason(args[at + 1], reach, depth);
  }
  if (!starters.test(program)) return null;
  // What `npm run` starts is a script of the project, whatever its words are.
  const from = /^(npm|bun)$/.test(program) && !/^(exec|x)$/.test(args[0]?.value ?? '') ? args.length : 0;
  for (const [at, word] of args.slice(from, 12).entries()) {
    const reason = isStatic(word) ? wordReason(word, args.slice(from + at + 1), reach, depth) : null;
    if (reason) return reason;
  }
  return null;
}

/** It may be the name of the program that is started, or the whole of its text. */
function wordReason(word: ShellWord, rest: readonly ShellWord[], reach: Reach, depth: number): string | null {
  if (/\s/.test(word.value)) return textReason(word, reach, depth);
  const name = word.value.replace(/^.*\//, '').replace(/(.)@.*$/, '$1');
  return outwardReason(packages[name] ?? name, rest, false, reach === 'all' ? 'outside' : reach, depth);
}

function textReason(word: ShellWord | undefined, reach: Reach, depth: number): string | null {
  if (!word || !isStatic(word)) return null;
  for (const segment of readShell(word.value.slice(0, 10_000)).segments) {
    const [name, ...args] = unwrap(segment.words).words;
    const reason = name && outwardReason(name.value.replace(/^.*\//, ''), args, segment.fed, reach, depth);
    if (reason) return reason;
  }
  return null;
}

function gitReason(words: readonly ShellWord[]): string | null {
  const { subcommand, args } = readGit(words);
  const has = (pattern: RegExp) => args.some(({ value }) => pattern.test(value));
  if (subcommand === null) return 'a git command that is not known';
  const always =
    /^(push|commit|clean|rebase|merge|tag|am|cherry-pick|revert|filter-branch|update-ref|gc|prune|send-email|pull)$/;
  const risky =
    always.test(subcommand) ||
    (subcommand === 'reset' && has(/^--(hard|merge|keep)/)) ||
    (subcommand === 'branch' && has(/^-[a-zA-Z]*[dDmMfC]|^--(delete|force|move)/)) ||
    (/^(checkout|switch|restore)$/.test(subcommand) && has(/^(-f|--force|--|\.|--discard-changes)$/)) ||
    (/^(stash|worktree|remote|reflog|notes)$/.test(subcommand) &&
      has(/^(drop|clear|remove|prune|expire|add|set-url|delete)$/));
  return risky ? `git ${subcommand} changes history or leaves the machine` : null;
}
