/** Which git commands a wildcard must not cover, with options before and after the subcommand. */
import { isStatic, type ShellWord } from '#core/permissions/shell/words.ts';
import { type FlagTable, scanFlags } from './flags.ts';

export interface GitCall {
  /** Null: not known, or dangerous before it is even named. */
  subcommand: string | null;
  args: ShellWord[];
  /** Directories of `-C`. */
  directories: ShellWord[];
  /** The global option that is at fault. */
  found: string | null;
}

const fineGlobals = /^(--no-pager|-P|--no-optional-locks|--literal-pathspecs|--no-replace-objects|--icase-pathspecs)$/;

/** Takes off what stands before the subcommand. `words` begins after `git`. */
export function readGit(words: readonly ShellWord[]): GitCall {
  const call: GitCall = { subcommand: null, args: [], directories: [], found: null };
  let i = 0;
  for (; i < words.length; i++) {
    const word = words[i] as ShellWord;
    if (!isStatic(word)) call.found ??= word.raw;
    if (!isStatic(word) || !word.value.startsWith('-')) break;
    if (word.value === '-C') call.directories.push(...words.slice(i + 1, ++i + 1));
    else if (/^(-c|--git-dir|--work-tree|--exec-path|--config-env|--namespace|--super-prefix)$/.test(word.value)) {
      call.found ??= word.raw;
      if (word.value !== '--exec-path') i++;
    } else if (/^(--version|-v|--help|-h)$/.test(word.value)) {
      call.subcommand = 'version';
      return call;
    } else if (!fineGlobals.test(word.value)) call.found ??= word.raw;
  }
  const name = words[i];
  if (name && isStatic(name)) call.subcommand = name.value;
  call.args = words.slice(i + 1);
  return call;
}

/** Anything else may be an alias, and an alias may be any program. */
const known = new Set(
  (
    'add am annotate apply archive blame branch bundle cat-file check-attr check-ignore checkout cherry cherry-pick ' +
    'clean clone commit count-objects describe diff diff-files diff-index diff-tree fetch for-each-ref format-patch ' +
    'fsck gc grep init log ls-files ls-remote ls-tree merge merge-base mv name-rev notes pull push range-diff rebase ' +
    'reflog remote reset restore revert rev-list rev-parse rm shortlog show show-ref stash status switch tag ' +
    'verify-commit version whatchanged worktree'
  ).split(' '),
);

const everywhere = [
  ...['upload-pack', 'receive-pack', 'exec', 'output', 'ext-diff', 'textconv', 'no-index', 'open-files-in-pager'],
  ...[
    'config',
    'template',
    'output-directory',
    'filters',
    'git-dir',
    ...['separate-git-dir', 'add-file', 'add-virtual-file', 'pathspec-from-file', 'contents'],
    'work-tree',
    'config-env',
    'interactive',
    'unsafe-paths',
  ],
];

const taking: Record<string, string> = {
  commit: 'mFCct',
  tag: 'mFu',
  merge: 'mFsX',
  stash: 'm',
  notes: 'mFCc',
  log: 'nSGL',
  show: 'nSGL',
  diff: 'SGU',
  'rev-list': 'n',
  blame: 'L',
  grep: 'efABCm',
};

const dangerous: Record<string, string> = {
  grep: 'O',
  diff: 'O',
  log: 'O',
  show: 'O',
  'diff-tree': 'O',
  'diff-index': 'O',
  'format-patch': 'oO',
  archive: 'o',
  clone: 'cu',
  rebase: 'xi',
};

/** Not a remote of the project by its name: an address, or a folder. */
const elsewhere = /^[a-z0-9+.-]+::|\/\/-|^(--repo=|--remote=)?([a-z+]+:\/\/|[\w.-]+@[\w.-]+:|[.~]{0,2}\/)/i;

export function gitFault(words: readonly ShellWord[]): string | null {
  const { subcommand, args, found } = readGit(words);
  if (found) return found;
  if (subcommand === null || !known.has(subcommand)) return `git ${subcommand ?? ''}`.trim();
  const table: FlagTable = {
    short: dangerous[subcommand] ?? '',
    takes: taking[subcommand] ?? '',
    long: subcommand === 'add' ? everywhere.filter((long) => long !== 'interactive') : everywhere,
    longTakes: ['message', 'author', 'date', 'format', 'grep', 'since', 'until', 'after', 'before'],
    fine: ['filter'],
    words: subcommand === 'push' || subcommand === 'archive' ? elsewhere : /^[a-z0-9+.-]+::|\/\/-/i,
    globsAreFine: true,
  };
  return scanFlags(args, table).found;
}
