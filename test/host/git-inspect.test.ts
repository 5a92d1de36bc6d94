import { chownSync, mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRepositories } from '#host/git/repositories.ts';
import { temporaryFolder, testRepository } from '../fakes/repository.ts';

const repositories = createRepositories();

test('a repository, a folder in it and a link to it are the same repository', async () => {
  const repo = testRepository({ 'src/deep/file.ts': 'x\n' });
  const facts = {
    root: repo.root,
    gitDirectory: join(repo.root, '.git'),
    branch: 'main',
    head: repo.git('rev-parse', 'HEAD'),
  };
  expect(await repositories.inspect(repo.root)).toEqual(facts);
  expect(await repositories.inspect(join(repo.root, 'src/deep'))).toEqual(facts);
  const link = join(temporaryFolder(), 'link');
  symlinkSync(repo.root, link);
  expect(await repositories.inspect(link)).toEqual(facts);
});

test.each(['with space', 'ünïcode 夜', 'new\nline', "it's -quoted"])(
  'a path such as %j works to the end',
  async (name) => {
    const repo = testRepository({ a: '1\n' }, join(temporaryFolder(), name));
    const facts = await repositories.inspect(repo.root);
    expect(facts.root).toBe(repo.root);
    const directory = join(temporaryFolder(), name);
    await repositories.addWorktree(facts, 'nightshift/x/run-1', facts.head, directory);
    writeFileSync(join(directory, 'b'), '2\n');
    expect(await repositories.commitAll(facts, directory, 'b')).toMatch(/^[0-9a-f]{40}$/);
    await repositories.removeWorktree(facts, directory);
    expect(repo.git('worktree', 'list').split('\n').length).toBe(name.includes('\n') ? 2 : 1);
  },
);

test('a linked worktree has its own branch and the common git directory', async () => {
  const repo = testRepository();
  const linked = join(temporaryFolder(), 'linked');
  repo.git('worktree', 'add', '--quiet', '-b', 'other', linked);
  const facts = await repositories.inspect(linked);
  expect(facts).toMatchObject({ root: linked, gitDirectory: join(repo.root, '.git'), branch: 'other' });
});

test('a worktree of a bare repository and a repository with its git directory elsewhere are repositories', async () => {
  const repo = testRepository();
  const bare = join(temporaryFolder(), 'bare.git');
  repo.git('clone', '--quiet', '--bare', repo.root, bare);
  const linked = join(temporaryFolder(), 'linked');
  repo.gitIn(bare, 'worktree', 'add', '--quiet', linked, 'main');
  expect(await repositories.inspect(linked)).toMatchObject({ root: linked, gitDirectory: bare, branch: 'main' });

  const elsewhere = join(temporaryFolder(), 'store');
  repo.git('init', '--quiet', '--separate-git-dir', elsewhere);
  expect(await repositories.inspect(repo.root)).toMatchObject({ root: repo.root, gitDirectory: elsewhere });
});

test('each thing that is no usable repository is named, with the field and a cure [errors-cure]', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'plain'));
  const repo = testRepository();
  repo.git('clone', '--quiet', '--bare', repo.root, join(folder, 'bare.git'));
  const cases: [path: string, code: string, message: RegExp][] = [
    [join(folder, 'gone'), 'repo.missing', /nothing at/],
    [join(folder, 'file/below'), 'repo.missing', /nothing at/],
    [join(folder, 'file'), 'repo.not_a_repository', /is a file/],
    [join(folder, 'plain'), 'repo.not_a_repository', /not in a git repository/],
    [join(folder, 'bare.git'), 'repo.not_a_repository', /bare repository/],
    [join(repo.root, '.git'), 'repo.not_a_repository', /inside a git directory/],
    ['relative/path', 'repo.not_a_repository', /not an absolute path/],
    ['~/project', 'repo.not_a_repository', /not an absolute path/],
    ['/a\0b', 'repo.not_a_repository', /not an absolute path/],
  ];
  for (const [path, code, message] of cases) {
    const fault = await repositories.inspect(path).catch((error: unknown) => error);
    expect(fault, path).toMatchObject({ code, field: 'repository', message: expect.stringMatching(message) });
    expect(fault, path).toHaveProperty('cure', expect.stringMatching(/./));
  }
});

test('no commits, a deleted branch and a detached HEAD stop a run but not the finding of the repository', async () => {
  const empty = testRepository(null);
  await expect(repositories.inspect(empty.root)).rejects.toMatchObject({ code: 'repo.no_commits' });
  expect(await repositories.locate(empty.root)).toEqual({ root: empty.root, gitDirectory: join(empty.root, '.git') });

  const repo = testRepository();
  repo.git('update-ref', '-d', 'refs/heads/main');
  await expect(repositories.inspect(repo.root)).rejects.toMatchObject({ code: 'repo.no_commits' });

  const detached = testRepository();
  detached.git('checkout', '--quiet', '--detach');
  await expect(repositories.inspect(detached.root)).rejects.toMatchObject({
    code: 'repo.detached',
    cure: expect.stringContaining('switch'),
  });
  expect(await repositories.locate(detached.root)).toHaveProperty('root', detached.root);
});

test.skipIf(process.getuid?.() !== 0)(
  'a repository of another user is no obstacle (needs root to make one)',
  async () => {
    const repo = testRepository();
    chownSync(repo.root, 12345, 12345);
    chownSync(join(repo.root, '.git'), 12345, 12345);
    const facts = await repositories.inspect(repo.root);
    const directory = join(temporaryFolder(), 'run-1');
    await repositories.addWorktree(facts, 'nightshift/a/run-1', facts.head, directory);
    writeFileSync(join(directory, 'new'), 'x\n');
    const commit = await repositories.commitAll(facts, directory, 'x');
    expect(await repositories.files(facts, facts.head, String(commit))).toHaveLength(1);
  },
);

test('a repository that goes away later, a broken configuration and a missing git are told apart', async () => {
  const repo = testRepository();
  const facts = await repositories.inspect(repo.root);
  const without = createRepositories({ env: { PATH: temporaryFolder() } });
  await expect(without.inspect(repo.root)).rejects.toMatchObject({
    code: 'unsupported',
    cure: expect.stringContaining('Install git'),
  });

  writeFileSync(join(facts.gitDirectory, 'config'), '[core\n');
  await expect(repositories.head(facts, 'main')).rejects.toMatchObject({
    code: 'repo.git_failed',
    message: expect.stringMatching(/bad config line 1/),
    cure: expect.stringMatching(/configuration/),
  });
  renameSync(repo.root, `${repo.root}-moved`);
  await expect(repositories.head(facts, 'main')).rejects.toMatchObject({ code: 'repo.missing' });
  expect(realpathSync(`${repo.root}-moved`)).toBe(`${repo.root}-moved`);
});
