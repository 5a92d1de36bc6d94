/** Commands that only look: they need no rule as long as the guard finds nothing in them. */
import { readGit } from './guards/git.ts';
import { isHarmlessSet } from './guards/shell-options.ts';
import type { ShellWord } from './shell/words.ts';

const programs = new Set(
  (
    'ls cat echo pwd head tail grep egrep fgrep find wc which diff stat du cd test [ true false : exit return break ' +
    'continue shift sort uniq cut tr basename dirname seq printf date whoami uname nproc rev nl comm cmp sleep realpath ' +
    'readlink sha256sum md5sum type file tree rg column'
  ).split(' '),
);

const git = new Set(
  'status diff log show branch rev-parse ls-files blame describe stash ls-tree merge-base rev-list version'.split(' '),
);

export function isReadOnly(program: string, args: readonly ShellWord[]): boolean {
  if (program === 'git') return isReadOnlyGit(args);
  if (program === 'date') return args.every(({ value }) => value.startsWith('+') || value.startsWith('-'));
  if (program === 'set') return isHarmlessSet(args);
  return programs.has(program);
}

function isReadOnlyGit(words: readonly ShellWord[]): boolean {
  const { subcommand, args, directories, found } = readGit(words);
  if (subcommand === null || found !== null || directories.length > 0 || !git.has(subcommand)) return false;
  if (subcommand === 'stash') return args[0]?.value === 'list';
  // A bare name makes a branch; only ways to list are free.
  if (subcommand === 'branch')
    return args.every(
      ({ value }) =>
        /^(-[avrlq]+|--(all|list|remotes|verbose|show-current|no-color|color|sort=.*|format=.*|merged|no-merged|contains|column))$/.test(
          value,
        ) ||
        (!value.startsWith('-') &&
          args.some((other) => /^(--list|-l|--contains|--merged|--no-merged)$/.test(other.value))),
    );
  return true;
}
