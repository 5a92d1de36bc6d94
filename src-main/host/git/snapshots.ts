/** Files of a worktree at a point of a run, kept as commits that no branch has. */
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import type { RepositoryPlace } from '#core/ports.ts';
import type { Kept, Snapshots } from '#core/talk/port.ts';
import { requireHash } from './branches.ts';
import { packFrom, unpackInto } from './bundles.ts';
import { differing, mark, parentOfKept } from './kept-commits.ts';
import { restoreFiles } from './restore.ts';
import { type Git, type GitOptions, gitAt } from './run-git.ts';
import { canReadThere, readThere, type ThereFile } from './there.ts';
import { findWorktreeEntry } from './worktree-entries.ts';

/** Above these a turn's files are not kept: what it costs must not be felt. */
const mostFiles = 20_000;
const mostBytes = 64_000_000;
/** Milliseconds for one git call: a run can leave a pipe where git expects a file. */
const patience = 30_000;

export function createSnapshots(env: NodeJS.ProcessEnv = process.env): Snapshots {
  const options: GitOptions = { env, timeoutMs: patience };
  const reading = (repo: RepositoryPlace) => gitAt(options, { gitDirectory: repo.gitDirectory });
  return {
    keep: (repo, directory, run, turn, last) => keep(options, repo, directory, refOf(run, String(turn)), last),
    async restore(repo, directory, commit) {
      requireHash(commit);
      await restoreFiles({ ...options, timeoutMs: 600_000 }, repo, directory, commit);
    },
    async has(repo, commit) {
      requireHash(commit);
      const git = await reading(repo);
      return (await git(['cat-file', '-e', `${commit}^{tree}`], { accept: [0, 1, 128] })).code === 0;
    },
    async branchAt(repo, commit) {
      requireHash(commit);
      return (await parentOfKept(await reading(repo), commit)) ?? commit;
    },
    async hold(repo, run, commit) {
      requireHash(commit);
      await (await reading(repo))(['update-ref', refOf(run, 'held'), commit]);
    },
    async forget(repo, run) {
      const git = await reading(repo);
      const { out } = await git(['for-each-ref', '--format=delete %(refname)', `${refOf(run, '')}`]);
      if (out.length > 0) await git(['update-ref', '--stdin'], { input: out });
    },
    pack: async (repo, run, base, commit, most) => {
      requireHash(base, commit);
      return packFrom(await reading(repo), refOf(run, 'bundle'), base, commit, most);
    },
    unpack: async (repo, bundle) => unpackInto(await reading(repo), bundle),
  };
}

function refOf(run: string, what: string): string {
  if (!/^run-[0-9a-z]{8,24}$/.test(run)) throw new Error(`no run id: ${run}`);
  return `refs/nightshift/${run}/${what}`;
}

async function keep(
  options: GitOptions,
  repo: RepositoryPlace,
  directory: string,
  ref: string,
  last: string | null,
): Promise<Kept> {
  if (!(await canReadThere())) return notKept('this system does not tell which file was really opened.');
  const entry = await findWorktreeEntry(repo.gitDirectory, directory);
  if (!entry?.complete || entry.directory === null) return notKept('the worktree is gone.');
  const git = await gitAt(options, { gitDirectory: entry.admin, workTree: entry.directory });
  const [head, paths] = await Promise.all([headOf(git), differing(git)]);
  if (paths.length > mostFiles) return notKept(`more than ${mostFiles} files differ from the branch.`);
  const root = await realpath(entry.directory);
  const there = await readThere(root, paths, mostBytes);
  if (there === null) return notKept(`what differs from the branch is more than ${mostBytes / 1e6} MB.`);
  const seen = createHash('sha256').update(head);
  for (const file of there) seen.update(`\0${file.path}\0${file.kind === 'file' ? file.digest : 'gone'}`);
  const now = seen.digest('hex');
  if (now === last) return { kind: 'same' };
  const { out } = await git(['-c', 'fastimport.unpackLimit=1000', 'fast-import', '--quiet', '--force'], {
    input: asImport(ref, head, there),
  });
  const commit = out.toString().trim();
  requireHash(commit);
  return { kind: 'kept', commit, seen: now };
}

const notKept = (why: string): Kept => ({ kind: 'not_kept', why });

async function headOf(git: Git): Promise<string> {
  return (await git(['rev-parse', '--verify', 'HEAD^{commit}'])).out.toString().trim();
}

/** One stream for one program, so that a turn costs no program for each of its files. */
function asImport(ref: string, head: string, files: readonly ThereFile[]): Buffer {
  const parts: Buffer[] = [];
  const line = (text: string) => void parts.push(Buffer.from(`${text}\n`, 'latin1'));
  const data = (bytes: Buffer) => {
    line(`data ${bytes.length}`);
    parts.push(bytes, Buffer.from('\n'));
  };
  line(`commit ${ref}`);
  line('mark :1');
  line('committer Nightshift <nightshift@localhost> 0 +0000');
  data(Buffer.from(`${mark}\n`));
  line(`from ${head}`);
  for (const { kind, path } of files) if (kind === 'gone') line(`D ${quoted(path)}`);
  for (const file of files) {
    if (file.kind === 'gone') continue;
    line(`M ${file.mode} inline ${quoted(file.path)}`);
    data(file.content);
  }
  line('');
  line('get-mark :1');
  return Buffer.concat(parts);
}

/** As git reads names in C's manner, byte for byte. */
function quoted(path: string): string {
  const bytes = [...Buffer.from(path, 'latin1')];
  return `"${bytes.map((byte) => (byte > 32 && byte < 127 && byte !== 34 && byte !== 92 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`)).join('')}"`;
}
