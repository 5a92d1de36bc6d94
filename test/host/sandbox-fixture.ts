/** A real repository with a worktree, and real hands in it; everything is gone when the test is over. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Hands, HandsSpec } from '#core/ports.ts';
import { createSandbox, type SandboxOptions } from '#host/sandbox/launch.ts';
import { scratch, silent } from '../fakes/places.ts';

export const runner = join(import.meta.dirname, 'sandbox-runner.ts');
export const asRoot = process.getuid?.() === 0;
/** Shown in the titles of what is skipped. */
export const noSandbox = process.platform !== 'linux';

export interface Ground {
  root: string;
  worktree: string;
  gitDirectory: string;
}

/** A repository with a remote whose address holds a token, a hook, two commits, and one worktree. */
export function ground(): Ground {
  const root = scratch('nightshift-sandbox');
  chmodSync(root, 0o755);
  const main = join(root, 'main');
  mkdirSync(main);
  git(main, 'init', '--quiet', '--initial-branch=main');
  git(main, 'remote', 'add', 'origin', 'https://x:hunter2-token@example.invalid/r.git');
  writeFileSync(join(main, 'notes.txt'), 'one\ntwo\nthree\n');
  writeFileSync(join(main, '.gitignore'), 'ignored/\n');
  git(main, 'add', '.');
  git(main, 'commit', '--quiet', '--message', 'first');
  writeFileSync(join(main, 'notes.txt'), 'one\ntwo\nthree\nfour\n');
  git(main, 'commit', '--quiet', '--all', '--message', 'second');
  git(main, 'worktree', 'add', '--quiet', '-b', 'nightshift/test', '../work');
  git(main, 'worktree', 'add', '--quiet', '-b', 'nightshift/other', '../other');
  return { root, worktree: join(root, 'work'), gitDirectory: join(main, '.git') };
}

export function git(directory: string, ...args: string[]): string {
  const env = {
    PATH: process.env.PATH,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.invalid',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.invalid',
  };
  return execFileSync('git', args, { cwd: directory, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

export async function hands(
  place: Ground = ground(),
  options: Partial<SandboxOptions> = {},
  access: HandsSpec['access'] = 'write',
  more: Partial<HandsSpec> = {},
): Promise<Hands & { place: Ground; bash(command: string, timeout?: number): ReturnType<Hands['call']> }> {
  const sandbox = createSandbox({ log: silent, ...options });
  const { worktree, gitDirectory } = place;
  const own = await sandbox.launch({ run: 'run-00000001', worktree, gitDirectory, access, ...more });
  onTestFinished(() => own.close());
  const bash = (command: string, timeout = 20_000) => own.call('Bash', { command, timeout });
  return { ...own, place, bash };
}

/** Ids of the host's processes whose command line holds `marker`, looked up from outside. */
export function processesWith(marker: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(marker);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** A number no other process has in its arguments: `sleep` takes it, and it can be found from outside. */
export function marker(): string {
  return `9${Date.now()}${Math.floor(Math.random() * 1e6)}`;
}
