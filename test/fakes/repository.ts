/** Builds real temporary git repositories, untouched by the settings of whoever runs the tests. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface TestRepository {
  root: string;
  /** Runs plain git there, as a person would; its output without the last newline. Throws with stderr when it fails. */
  git(...args: string[]): string;
  /** As `git`, in another folder. */
  gitIn(folder: string, ...args: string[]): string;
  write(path: string, content: string | Uint8Array, mode?: number): void;
  /** Writes the files, stages everything and commits; the full hash. */
  commit(files: Record<string, string>, message?: string): string;
}

/** Removed when the test that asked for it is over. Links are resolved. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'nightshift-test-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A repository on branch `main` with one commit of `files`; null leaves it without commits.
 * @param root where; a temporary folder when left out.
 */
export function testRepository(
  files: Record<string, string> | null = { 'README.md': '# Test\n' },
  root = join(temporaryFolder(), 'repository'),
): TestRepository {
  const gitIn = (folder: string, ...args: string[]) => plainGit(folder, args);
  const git = (...args: string[]) => plainGit(root, args);
  const write = (path: string, content: string | Uint8Array, mode?: number) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode });
  };
  const commit = (changes: Record<string, string>, message = 'A change') => {
    for (const [path, content] of Object.entries(changes)) write(path, content);
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '-m', message);
    return git('rev-parse', 'HEAD');
  };
  mkdirSync(root, { recursive: true });
  git('init', '--quiet', '--initial-branch=main');
  if (files) commit(files, 'First commit');
  return { root, git, gitIn, write, commit };
}

function plainGit(cwd: string, args: string[]): string {
  const person = { NAME: 'A Person', EMAIL: 'person@example.invalid' };
  const { status, stdout, stderr } = spawnSync('git', args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64_000_000,
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      LANG: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: person.NAME,
      GIT_AUTHOR_EMAIL: person.EMAIL,
      GIT_COMMITTER_NAME: person.NAME,
      GIT_COMMITTER_EMAIL: person.EMAIL,
    },
  });
  if (status !== 0) throw new Error(`git ${args.join(' ')} (exit ${status}): ${stderr}`);
  return stdout.replace(/\n$/, '');
}
