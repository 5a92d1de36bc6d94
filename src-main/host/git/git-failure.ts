/** Turns what git said on stderr into a fault with one next step. */
import { Fault } from '#contract/faults.ts';

/** Characters of git's own words that reach a person. */
const wordLimit = 300;

const cures: [pattern: RegExp, cure: string][] = [
  [/No space left on device|Disk quota exceeded/i, 'Free some disk space, then try again.'],
  [/Read-only file system/i, 'Make the disk of the repository writable, then try again.'],
  [
    /Permission denied|insufficient permission|unable to create directory|could not create (leading )?director/i,
    'Give this user write access to the repository and its .git folder.',
  ],
  [
    /\.lock'?: File exists/i,
    'If no other git is at work in this repository, delete the lock file it names and try again.',
  ],
  [
    /bad object|not a valid (object|commit)|unable to read|reference is not a tree|invalid object/i,
    'A commit is gone or damaged: run "git fsck" in the repository, then start a new run.',
  ],
  [
    /no valid working-tree-encodings/i,
    'In .gitattributes, give working-tree-encoding the name of an encoding, for instance UTF-16LE.',
  ],
  [
    /bad config|bad numeric config|bad boolean config/i,
    'Mend the repository’s git configuration file at the line it names.',
  ],
  [
    /transport '.*' not allowed/i,
    'This is a partial clone: fetch its missing objects with "git fetch --refetch", then try again.',
  ],
];

/** The line that says why: git's last `fatal:` or `error:` line, else its last line; control characters removed. */
export function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((each) => /^(fatal|error): /.test(each)) ?? lines.at(-1) ?? '';
  const plain = line.replace(/\p{Cc}/gu, ' ').trim();
  return plain.length > wordLimit ? `${plain.slice(0, wordLimit)}…` : plain;
}

/** @param what the git subcommand that failed. */
export function gitFailure(what: string, stderr: string, exit: string): Fault {
  const words = lastWords(stderr);
  const cure = cures.find(([pattern]) => pattern.test(stderr))?.[1];
  return new Fault('repo.git_failed', `git ${what} failed (${exit})${words ? `: ${words}` : '.'}`, {
    cure: cure ?? 'Run "git status" and "git fsck" in the repository to see what is wrong with it.',
    cause: new Error(stderr),
  });
}

/** All that git said about a failure; never for a person's eyes. */
export function stderrOf(error: unknown): string {
  return error instanceof Fault && error.cause instanceof Error ? error.cause.message : '';
}

export function gitMissing(cause: unknown): Fault {
  return new Fault('unsupported', 'git was not found on this machine.', {
    cure: 'Install git 2.38 or newer, for instance with "apt-get install git".',
    cause,
  });
}

export function repositoryGone(path: string): Fault {
  return new Fault('repo.missing', `${path} is not there any more.`, {
    cure: 'Put the repository back, or give the routine the path it has now.',
  });
}
