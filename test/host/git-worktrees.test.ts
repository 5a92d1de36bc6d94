import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RepositoryFacts } from '#core/ports.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { type TestRepository, temporaryFolder, testRepository } from '../fakes/repository.ts';

const repositories = createRepositories();
const branch = 'nightshift/triage/run-1';

interface Started {
  repo: TestRepository;
  facts: RepositoryFacts;
  directory: string;
}

async function started(
  files: Record<string, string> = { 'README.md': '# Test\n', 'src/a.ts': 'one\ntwo\nthree\n' },
): Promise<Started> {
  const repo = testRepository(files);
  const facts = await repositories.inspect(repo.root);
  const directory = join(temporaryFolder(), 'run-1');
  await repositories.addWorktree(facts, branch, facts.head, directory);
  return { repo, facts, directory };
}

/** Hash of every file, link, mode and name below `folder`. */
function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const facts = lstatSync(join(folder, name));
    const content = facts.isSymbolicLink()
      ? readlinkSync(join(folder, name))
      : facts.isFile()
        ? readFileSync(join(folder, name))
        : '';
    hash.update(`${name}\0${facts.mode}\0`).update(content).update('\0');
  }
  return hash.digest('hex');
}

/** The person's side of a repository: files, staged things, HEAD, stash, configuration. */
function personsSide({ root, git }: TestRepository): Record<string, string> {
  const file = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(root, '.git', name)))
      .digest('hex');
  const index = file('index');
  const rest = readdirSync(root)
    .filter((name) => name !== '.git')
    .map((name) => [
      name,
      lstatSync(join(root, name)).isDirectory()
        ? fingerprint(join(root, name))
        : readFileSync(join(root, name), 'latin1'),
    ]);
  return {
    files: JSON.stringify(rest),
    index,
    head: readFileSync(join(root, '.git/HEAD'), 'utf8'),
    config: file('config'),
    main: git('rev-parse', 'main'),
    stash: git('stash', 'list'),
    status: git('--no-optional-locks', 'status', '--porcelain', '--ignored'),
    exclude: file('info/exclude'),
  };
}

test('a whole run leaves the person’s checkout byte-identical, with all that is dirty in it [checkout-untouched]', async () => {
  const repo = testRepository({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'src/c.txt': 'c\n', '.gitignore': '*.log\n' });
  repo.write('b.txt', 'stashed\n');
  repo.git('stash', '--quiet');
  repo.write('a.txt', 'staged\n');
  repo.git('add', 'a.txt');
  repo.write('a.txt', 'not staged\n');
  repo.write('untracked.txt', 'u\n');
  repo.write('secret.log', 'ignored\n');
  // Its times differ from the index, so any git that may would refresh the index.
  utimesSync(join(repo.root, 'src/c.txt'), 1e9, 1e9);
  const before = personsSide(repo);

  const facts = await repositories.inspect(repo.root);
  const directory = join(temporaryFolder(), 'run-1');
  await repositories.addWorktree(facts, branch, facts.head, directory);
  expect(readFileSync(join(directory, 'a.txt'), 'utf8')).toBe('a\n');
  writeFileSync(join(directory, 'b.txt'), 'changed by the run\n');
  const commit = await repositories.commitAll(facts, directory, 'Change b');
  expect(await repositories.patch(facts, facts.head, String(commit))).toContain('+changed by the run');
  const check = join(temporaryFolder(), 'check');
  await repositories.addCheckout(facts, String(commit), check);
  expect(readFileSync(join(check, 'b.txt'), 'utf8')).toBe('changed by the run\n');
  const landing = { base: facts.head, head: String(commit), into: 'main', message: 'm' };
  await expect(repositories.land(facts, landing)).rejects.toHaveProperty('code', 'repo.checkout_dirty');
  await repositories.removeWorktree(facts, check);
  await repositories.removeWorktree(facts, directory);

  expect(personsSide(repo)).toEqual(before);
  expect(await repositories.head(facts, branch)).toBe(commit);
  expect(existsSync(join(repo.root, '.git/worktrees'))).toBe(false);
  expect(repo.git('fsck', '--no-dangling')).toBe('');
});

test('a commit holds everything but ignored files, and nothing when nothing differs', async () => {
  const { repo, facts, directory } = await started({
    '.gitignore': 'node_modules/\n',
    stay: 's\n',
    gone: 'g\n',
    file: 'f\n',
    'folder/x': 'x\n',
    'run.sh': '#!/bin/sh\n',
  });
  expect(await repositories.commitAll(facts, directory, 'nothing')).toBeNull();
  rmSync(join(directory, 'gone'));
  rmSync(join(directory, 'file'));
  mkdirSync(join(directory, 'file'));
  writeFileSync(join(directory, 'file/inner'), 'i\n');
  rmSync(join(directory, 'folder'), { recursive: true });
  writeFileSync(join(directory, 'folder'), 'now a file\n');
  chmodSync(join(directory, 'run.sh'), 0o755);
  mkdirSync(join(directory, 'node_modules/p'), { recursive: true });
  writeFileSync(join(directory, 'node_modules/p/index.js'), '');
  symlinkSync('/etc/passwd', join(directory, 'link'));
  writeFileSync(join(directory, ':(top)odd\nname\t"é'), 'odd\n');
  writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff, 0xfe])]), 'no UTF-8\n');
  const commit = String(await repositories.commitAll(facts, directory, 'All kinds\n\nof change'));

  expect(repo.git('ls-tree', '-r', '-z', '--name-only', commit).split('\0').filter(Boolean).sort()).toEqual(
    ['.gitignore', ':(top)odd\nname\t"é', 'file/inner', 'folder', 'link', 'run.sh', 'stay', '\ufffd\ufffd'].sort(),
  );
  expect(repo.git('cat-file', '-p', `${commit}:link`)).toBe('/etc/passwd');
  expect(repo.git('ls-tree', commit, 'run.sh')).toMatch(/^100755/);
  expect(repo.git('log', '-1', '--format=%an <%ae>|%cn <%ce>|%s|%b', commit)).toBe(
    'Nightshift <nightshift@localhost>|Nightshift <nightshift@localhost>|All kinds|of change\n',
  );
  expect(await repositories.head(facts, branch)).toBe(commit);
  expect(repo.gitIn(directory, 'status', '--porcelain')).toBe('');
  expect(await repositories.commitAll(facts, directory, 'again')).toBeNull();
});

test('repositories inside the worktree, pipes and impossible names are left out and named in the commit', async () => {
  const { repo, facts, directory } = await started({ 'README.md': 'r\n', 'tracked/pipe': 'p\n' });
  const nested = join(directory, 'vendor/nested');
  mkdirSync(nested, { recursive: true });
  repo.gitIn(nested, 'init', '--quiet');
  repo.gitIn(nested, 'commit', '--quiet', '--allow-empty', '-m', 'inner');
  writeFileSync(join(nested, 'inner.txt'), 'i\n');
  expect(await repositories.commitAll(facts, directory, 'only nested')).toBeNull();

  rmSync(join(directory, 'tracked/pipe'));
  repo.gitIn(directory, '-c', 'alias.pipe=!mkfifo tracked/pipe loose-pipe', 'pipe');
  mkdirSync(join(directory, '.GIT'));
  writeFileSync(join(directory, '.GIT/config'), 'x\n');
  symlinkSync('real.txt', join(directory, '.gitmodules'));
  writeFileSync(join(directory, 'real.txt'), 'real\n');
  const commit = String(await repositories.commitAll(facts, directory, 'Real work'));
  expect((await repositories.files(facts, facts.head, commit)).map(({ path, status }) => [path, status])).toEqual([
    ['real.txt', 'added'],
    ['tracked/pipe', 'deleted'],
  ]);
  expect(repo.git('ls-tree', '-r', commit)).not.toContain('160000');
  const message = repo.git('log', '-1', '--format=%B', commit);
  expect(message).toMatch(/^Real work\n\nLeft out/);
  for (const path of ['vendor/nested/', 'tracked/pipe', '.GIT/config', '.gitmodules'])
    expect(message).toContain(`- "${path}"`);
});

test('an existing submodule stays as it was, whatever a run puts in its folder', async () => {
  const inner = testRepository({ i: 'i\n' });
  const repo = testRepository();
  repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'sub');
  repo.commit({}, 'with a submodule');
  const facts = await repositories.inspect(repo.root);
  const directory = join(temporaryFolder(), 'run-1');
  await repositories.addWorktree(facts, branch, facts.head, directory);
  repo.gitIn(join(directory, 'sub'), 'init', '--quiet');
  repo.gitIn(join(directory, 'sub'), 'commit', '--quiet', '--allow-empty', '-m', 'other');
  writeFileSync(join(directory, 'new.txt'), 'n\n');
  const commit = String(await repositories.commitAll(facts, directory, 'new'));
  expect((await repositories.files(facts, facts.head, commit)).map((file) => file.path)).toEqual(['new.txt']);
});

test('asking again keeps the worktree with the work in it, and mends its link', async () => {
  const { facts, directory } = await started();
  writeFileSync(join(directory, 'work.txt'), 'precious\n');
  rmSync(join(directory, '.git'));
  mkdirSync(join(directory, '.git/objects'), { recursive: true });
  await repositories.addWorktree(facts, branch, facts.head, directory);
  expect(readFileSync(join(directory, 'work.txt'), 'utf8')).toBe('precious\n');
  expect(readFileSync(join(directory, '.git'), 'utf8')).toMatch(/^gitdir: .*\.git\/worktrees\/run-1\n$/);
});

/** What a git that was killed at some point leaves, from the first step to the last. */
const crashes: [name: string, damage: (started: Started) => void][] = [
  [
    'before the branch was made',
    ({ repo, directory }) => {
      rmSync(directory, { recursive: true });
      rmSync(join(repo.root, '.git/worktrees'), { recursive: true });
      repo.git('update-ref', '-d', `refs/heads/${branch}`);
    },
  ],
  [
    'after the branch was made',
    ({ repo, directory }) => {
      rmSync(directory, { recursive: true });
      rmSync(join(repo.root, '.git/worktrees'), { recursive: true });
    },
  ],
  [
    'with an entry that has no place yet',
    ({ repo, directory }) => {
      rmSync(directory, { recursive: true });
      const admin = join(repo.root, '.git/worktrees/run-1');
      rmSync(admin, { recursive: true });
      mkdirSync(admin);
      writeFileSync(join(admin, 'locked'), 'initializing');
    },
  ],
  [
    'with an entry whose place was not flushed to disk',
    ({ repo, directory }) => {
      rmSync(directory, { recursive: true });
      mkdirSync(directory);
      truncateSync(join(repo.root, '.git/worktrees/run-1/gitdir'), 0);
      rmSync(join(repo.root, '.git/worktrees/run-1/nightshift'));
    },
  ],
  [
    'in the middle of writing the files',
    ({ repo, directory }) => {
      rmSync(join(directory, 'src'), { recursive: true });
      rmSync(join(repo.root, '.git/worktrees/run-1/nightshift'));
      rmSync(join(repo.root, '.git/worktrees/run-1/index'));
      writeFileSync(join(repo.root, '.git/worktrees/run-1/index.lock'), '');
      writeFileSync(join(repo.root, '.git/worktrees/run-1/locked'), 'initializing');
    },
  ],
  ['in the middle of removing it', ({ directory }) => rmSync(join(directory), { recursive: true })],
];
test.each(crashes)('a crash %s is mended by asking again', async (_name, damage) => {
  const all = await started();
  const { repo, facts, directory } = all;
  damage(all);
  await repositories.addWorktree(facts, branch, facts.head, directory);
  expect(repo.gitIn(directory, 'status', '--porcelain', '--branch')).toBe(`## ${branch}`);
  expect(readdirSync(join(repo.root, '.git/worktrees'))).toEqual(['run-1']);
  expect(existsSync(join(repo.root, '.git/worktrees/run-1/locked'))).toBe(false);
  writeFileSync(join(directory, 'new'), 'n\n');
  expect(await repositories.commitAll(facts, directory, 'works')).not.toBeNull();
});

test('a commit that was cut off at any point is done by asking again', async () => {
  const { repo, facts, directory } = await started();
  const admin = join(repo.root, '.git/worktrees/run-1');
  const oldIndex = readFileSync(join(admin, 'index'));
  writeFileSync(join(directory, 'new'), 'n\n');
  writeFileSync(join(admin, 'index.lock'), '');
  writeFileSync(join(admin, 'nightshift-index-dead'), 'half');
  writeFileSync(join(admin, 'nightshift-index-dead.lock'), '');
  const commit = await repositories.commitAll(facts, directory, 'first');
  expect(commit).not.toBeNull();
  expect(readdirSync(admin).filter((name) => name.startsWith('nightshift-'))).toEqual([]);
  writeFileSync(join(admin, 'index'), oldIndex); // the branch had moved, the index had not
  rmSync(join(admin, 'index.lock'));
  expect(await repositories.commitAll(facts, directory, 'second')).toBeNull();
  expect(repo.gitIn(directory, 'status', '--porcelain')).toBe('');
});

test('a change in the very instant of the checkout, of the same size, is still seen', async () => {
  const { repo, facts, directory } = await started({ a: '1\n' });
  repo.git('config', 'core.trustCtime', 'false');
  const touchLike = (from: string, ...to: string[]) => spawnSync('touch', ['-r', from, ...to]);
  const reference = join(temporaryFolder(), 'reference');
  writeFileSync(reference, '');
  touchLike(join(directory, 'a'), reference);
  writeFileSync(join(directory, 'a'), '2\n');
  touchLike(reference, join(directory, 'a'), join(repo.root, '.git/worktrees/run-1/index'));
  expect(await repositories.commitAll(facts, directory, 'seen')).not.toBeNull();
});

test('a folder that holds something else is refused, and so is a worktree on another branch', async () => {
  const { repo, facts, directory } = await started();
  const other = join(temporaryFolder(), 'run-2');
  mkdirSync(other);
  writeFileSync(join(other, 'keep'), 'k');
  await expect(repositories.addWorktree(facts, 'nightshift/x/run-2', facts.head, other)).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(readFileSync(join(other, 'keep'), 'utf8')).toBe('k');
  repo.gitIn(directory, 'switch', '--quiet', '-c', 'elsewhere');
  await expect(repositories.addWorktree(facts, branch, facts.head, directory)).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(existsSync(directory)).toBe(true);
});

test('a branch that cannot be made or is checked out elsewhere is a fault with a cure', async () => {
  const repo = testRepository();
  const facts = await repositories.inspect(repo.root);
  const directory = join(temporaryFolder(), 'run-1');
  repo.git('branch', 'nightshift');
  await expect(repositories.addWorktree(facts, branch, facts.head, directory)).rejects.toMatchObject({
    code: 'conflict',
    cure: expect.stringContaining('Rename the branch nightshift'),
  });
  await expect(repositories.addWorktree(facts, 'main', facts.head, directory)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(repo.root),
  });
  await expect(repositories.addWorktree(facts, 'a..b', facts.head, directory)).rejects.toMatchObject({ code: 'input' });
  expect(existsSync(directory)).toBe(false);
});

test('removal takes what is ours, however odd, and never another worktree or the repository', async () => {
  const { repo, facts, directory } = await started();
  const persons = join(temporaryFolder(), 'persons');
  repo.git('worktree', 'add', '--quiet', '-b', 'theirs', persons);
  const outside = join(temporaryFolder(), 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'keep'), 'k');
  symlinkSync(outside, join(directory, 'way-out'));
  mkdirSync(join(directory, 'locked/deep'), { recursive: true });
  writeFileSync(join(directory, 'locked/deep/file'), '');
  chmodSync(join(directory, 'locked/deep'), 0o500);
  chmodSync(join(directory, 'locked'), 0o500);
  await repositories.removeWorktree(facts, directory);
  await repositories.removeWorktree(facts, directory);
  expect(existsSync(directory)).toBe(false);
  expect(readFileSync(join(outside, 'keep'), 'utf8')).toBe('k');
  expect(readdirSync(join(repo.root, '.git/worktrees'))).toEqual(['persons']);
  await expect(repositories.removeWorktree(facts, repo.root)).rejects.toThrow(/holds the repository/);
  await expect(repositories.removeWorktree(facts, join(repo.root, '..'))).rejects.toThrow(/holds the repository/);

  rmSync(persons, { recursive: true }); // gone for now: perhaps on a disk that is not plugged in
  await repositories.addWorktree(facts, 'nightshift/x/run-2', facts.head, join(directory, '../run-2'));
  rmSync(join(directory, '../run-2'), { recursive: true });
  await repositories.addWorktree(facts, 'nightshift/x/run-3', facts.head, join(directory, '../run-3'));
  expect(readdirSync(join(repo.root, '.git/worktrees')).sort()).toEqual(['persons', 'run-3']);
});

test('a checkout is clean, detached, replaces what is there, and may share its name with a worktree', async () => {
  const { repo, facts, directory } = await started();
  const checkout = join(temporaryFolder(), 'run-1');
  await repositories.addCheckout(facts, facts.head, checkout);
  appendFileSync(join(checkout, 'README.md'), 'left by a check');
  writeFileSync(join(checkout, 'left-over'), '');
  await repositories.addCheckout(facts, facts.head, checkout);
  expect(readFileSync(join(checkout, 'README.md'), 'utf8')).toBe('# Test\n');
  expect(existsSync(join(checkout, 'left-over'))).toBe(false);
  expect(repo.gitIn(checkout, 'status', '--porcelain', '--branch')).toBe('## HEAD (no branch)');
  expect(existsSync(directory)).toBe(true);
  await repositories.removeWorktree(facts, checkout);
  expect(readdirSync(join(repo.root, '.git/worktrees'))).toEqual(['run-1']);
  await expect(repositories.addCheckout(facts, '1'.repeat(40), checkout)).rejects.toMatchObject({
    code: 'repo.git_failed',
  });
});
