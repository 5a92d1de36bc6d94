/** Makes the demo repository: a real one, whole or not at all, and never twice. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { resource } from '#host/self.ts';
import { writeServiceLog } from './service-log.ts';

const run = promisify(execFile);

const History = z.array(
  z.strictObject({
    /** Below `resources/demo/commits`: files added or replaced by this commit. */
    folder: z.string(),
    /** This commit brings the log. */
    log: z.boolean().default(false),
    message: z.string(),
    author: z.string(),
    email: z.string(),
    date: z.iso.datetime({ offset: true }),
  }),
);

/**
 * A git repository at `directory`: `main` checked out, clean. One that is there is left as it is (`created` false).
 * Throws `conflict` when something else is in the place, `repo.git_failed` when git is missing or fails.
 */
export async function createDemo(options: { directory: string; git?: string }): Promise<{ created: boolean }> {
  const { directory, git = 'git' } = options;
  const found: string[] = await readdir(directory).catch(() => []);
  if (found.includes('.git')) return { created: false };
  if (found.length) throw occupied(directory);
  const parent = dirname(directory);
  await mkdir(parent, { recursive: true });
  await removeLeftovers(parent, basename(directory));
  // Built beside its place and moved in one step: a crash leaves nothing that looks like a repository.
  const building = await mkdtemp(join(parent, `.${basename(directory)}.${process.pid}.`));
  try {
    await build(building, git);
    await rename(building, directory);
    return { created: true };
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    if (!(await readdir(directory)).includes('.git')) throw occupied(directory);
    return { created: false };
  }
}

async function build(directory: string, git: string): Promise<void> {
  const history = History.parse(JSON.parse(await readFile(resource('demo', 'history.json'), 'utf8')));
  await callGit(git, directory, ['init', '--quiet', '--template=', '--initial-branch=main']);
  for (const { folder, log, message, author, email, date } of history) {
    await cp(resource('demo', 'commits', folder), directory, { recursive: true });
    if (log) await addLog(directory);
    const who = { GIT_AUTHOR_NAME: author, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date };
    const env = { ...who, GIT_COMMITTER_NAME: author, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: date };
    await callGit(git, directory, ['add', '--all']);
    await callGit(git, directory, ['commit', '--quiet', '--message', message], env);
  }
}

async function addLog(directory: string): Promise<void> {
  const sources = new Map<string, string>();
  for (const name of await readdir(join(directory, 'src')))
    sources.set(`src/${name}`, await readFile(join(directory, 'src', name), 'utf8'));
  await mkdir(join(directory, 'logs'));
  await writeFile(join(directory, 'logs', 'service.log'), writeServiceLog(sources));
}

/** No configuration of the person takes part: no hooks, no signing, no changed line ends. */
async function callGit(git: string, cwd: string, args: string[], who: Record<string, string> = {}): Promise<void> {
  const { PATH, SystemRoot } = process.env;
  const quiet = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: devNull, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  const env = { PATH, SystemRoot, HOME: cwd, ...quiet, ...who };
  const plain = ['core.hooksPath=/dev/null', 'commit.gpgSign=false', 'core.autocrlf=false', 'gc.auto=0'];
  try {
    await run(git, [...plain.flatMap((setting) => ['-c', setting]), ...args], { cwd, env });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT')
      throw new Fault('repo.git_failed', 'git cannot be started.', { cure: 'Install git.', cause: error });
    const why = stderr?.trim().split('\n').at(-1) ?? String(code);
    throw new Fault('repo.git_failed', `The demo repository could not be made: git ${args[0]}: ${why}`, {
      cure: `Make sure that ${dirname(cwd)} is writable and has a few megabytes left.`,
      cause: error,
    });
  }
}

/** What an earlier process left half made. */
async function removeLeftovers(parent: string, name: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(`.${name}.`)) continue;
    const pid = Number(entry.slice(name.length + 2).split('.')[0]);
    // A git that outlived the process that started it may still be writing there for a moment.
    const patient = { recursive: true, force: true, maxRetries: 10, retryDelay: 20 };
    if (pid !== process.pid && !isAlive(pid)) await rm(join(parent, entry), patient);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function occupied(directory: string): Fault {
  const cure = 'Move it away and ask for the demo again.';
  return new Fault('conflict', `${directory} holds something that is not the demo repository.`, { cure });
}
