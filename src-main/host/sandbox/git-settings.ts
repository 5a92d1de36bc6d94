/** The harmless settings of a git configuration file, written anew by what git itself reads in it; nothing is executed. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, readFile } from 'node:fs/promises';
import { Fault } from '#contract/faults.ts';

/** Settings that decide what git sees in the files, and can neither name a program nor hold a secret. */
const harmless =
  /^(core\.(repositoryformatversion|bare|filemode|ignorecase|symlinks|autocrlf|eol|safecrlf|sparsecheckout|sparsecheckoutcone|precomposeunicode)|extensions\.[a-z]+)$/;
const mostRemembered = 200;

/** Takes the path of a configuration file. Rejects with `sandbox.unavailable` when git cannot read it. */
export type ReadSettings = (file: string) => Promise<string>;

/** git is asked once about each content: what it answers depends on nothing else. */
export function rememberSettings(): ReadSettings {
  const known = new Map<string, string>();
  return async (file) => {
    if (!(await lstat(file).catch(() => null))?.isFile()) throw unreadable(`there is no configuration at ${file}`);
    const content = await readFile(file).catch(() => {
      throw unreadable(`the configuration at ${file} cannot be read`);
    });
    const key = createHash('sha256').update(content).digest('hex');
    const text = known.get(key) ?? rewritten(await list(file, content));
    if (known.size >= mostRemembered) known.clear();
    known.set(key, text);
    return text;
  };
}

function list(file: string, content: Buffer): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { env: { PATH: '/usr/local/bin:/usr/bin:/bin' }, maxBuffer: 16 * 1024 ** 2, timeout: 10_000 };
  const args = ['config', '--file', '-', '--no-includes', '--list', '--null'];
  const git = execFile('git', args, options, (error, answer) => {
    if (!error) resolve(answer);
    else if (error.code === 'ENOENT')
      reject(unreadable('git is not installed', 'Install git, for example: sudo apt install git'));
    else reject(unreadable(`git cannot read ${file}`, `Look at: git config --file ${file} --list`));
  });
  git.stdin?.on('error', () => {}); // It ended before it read everything; its answer says why.
  git.stdin?.end(content);
  return promise;
}

function rewritten(listing: string): string {
  const lines = listing.split('\0').flatMap((entry) => {
    const end = entry.indexOf('\n');
    const key = end < 0 ? entry : entry.slice(0, end);
    if (!harmless.test(key)) return [];
    const [section = '', name = ''] = key.split('.');
    const value = end < 0 ? 'true' : entry.slice(end + 1);
    return [`[${section}]\n\t${name} = "${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"\n`];
  });
  return lines.join('');
}

function unreadable(problem: string, cure = 'Look at the repository with: git worktree list'): Fault {
  return new Fault('sandbox.unavailable', `The sandbox cannot show the repository: ${problem}.`, { cure });
}
