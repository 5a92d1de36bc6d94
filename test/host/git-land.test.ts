import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RepositoryFacts } from '#core/ports.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { type TestRepository, temporaryFolder, testRepository } from '../fakes/repository.ts';

const repositories = createRepositories();

interface Proposed {
  repo: TestRepository;
  facts: RepositoryFacts;
  /** Commit of the proposal. */
  head: string;
  land(into: string): ReturnType<typeof repositories.land>;
}

/** @param change what the run wrote; the person is on `main` at the base, in a clean checkout. */
async function proposed(
  change: Record<string, string> = { 'a.txt': '1\n2\n3\nrun\n', 'new/n.txt': 'n\n' },
): Promise<Proposed> {
  const repo = testRepository({ 'a.txt': '1\n2\n3\n', 'b.txt': 'b\n', '.gitignore': 'ignored\nout/\n' });
  const facts = await repositories.inspect(repo.root);
  repo.git('switch', '--quiet', '-c', 'nightshift/t/run-1');
  const head = repo.commit(change, 'The run');
  repo.git('switch', '--quiet', 'main');
  const land = (into: string) =>
    repositories.land(facts, { base: facts.head, head, into, message: 'Merge "The run"\n\nApproved.' });
  return { repo, facts, head, land };
}

/** All references and all files but git's own. */
function everything({ root, git }: TestRepository): string {
  const hash = createHash('sha256').update(git('show-ref', '--head'));
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name === '.git' || name.startsWith('.git/')) continue;
    hash.update(name).update(statSync(join(root, name)).isFile() ? readFileSync(join(root, name)) : '');
  }
  return hash.update(git('--no-optional-locks', 'status', '--porcelain', '--ignored')).digest('hex');
}

test('a branch that is missing is created, and one that is behind is forwarded; again is harmless', async () => {
  const { repo, facts, head, land } = await proposed();
  expect(await land('review/new')).toEqual({ landedAs: head, landedHow: 'fast_forward' });
  expect(repo.git('rev-parse', 'review/new')).toBe(head);
  repo.git('branch', 'behind', facts.head);
  expect(await land('behind')).toEqual({ landedAs: head, landedHow: 'fast_forward' });
  const before = everything(repo);
  expect(await land('behind')).toEqual({ landedAs: head, landedHow: 'already_contained' });
  expect(everything(repo)).toBe(before);
});

test('a branch that has moved on gets a merge commit with both parents', async () => {
  const { repo, facts, head, land } = await proposed();
  repo.git('switch', '--quiet', '-c', 'release');
  const theirs = repo.commit({ 'b.txt': 'theirs\n' });
  repo.git('switch', '--quiet', 'main');
  const { landedAs, landedHow } = await land('release');
  expect(landedHow).toBe('merge_commit');
  expect(repo.git('log', '-1', '--format=%P|%an|%s|%b', 'release')).toBe(
    `${theirs} ${head}|Nightshift|Merge "The run"|Approved.\n`,
  );
  expect(repo.git('rev-parse', 'release')).toBe(landedAs);
  expect(repo.git('show', 'release:b.txt')).toBe('theirs');
  expect(repo.git('show', 'release:a.txt')).toContain('run');
  expect(await land('release')).toEqual({ landedAs, landedHow: 'already_contained' });
  expect(repo.git('rev-parse', 'main')).toBe(facts.head);
});

test.each(['fast_forward', 'merge_commit'])('a clean checkout moves with its branch (%s)', async (how) => {
  const { repo, land } = await proposed();
  if (how === 'merge_commit') repo.commit({ 'b.txt': 'theirs\n' });
  repo.write('untracked', 'u\n');
  repo.write('ignored', 'i\n');
  const { landedHow, landedAs } = await land('main');
  expect(landedHow).toBe(how);
  expect(repo.git('rev-parse', 'HEAD')).toBe(landedAs);
  expect(repo.git('status', '--porcelain')).toBe('?? untracked');
  expect(readFileSync(join(repo.root, 'new/n.txt'), 'utf8')).toBe('n\n');
  expect(readFileSync(join(repo.root, 'ignored'), 'utf8')).toBe('i\n');
});

test('a checkout in a linked worktree moves as well, and the main one stays', async () => {
  const { repo, facts, head, land } = await proposed();
  const linked = join(temporaryFolder(), 'linked');
  repo.git('worktree', 'add', '--quiet', '-b', 'side', linked);
  expect(await land('side')).toEqual({ landedAs: head, landedHow: 'fast_forward' });
  expect(repo.gitIn(linked, 'status', '--porcelain')).toBe('');
  expect(readFileSync(join(linked, 'new/n.txt'), 'utf8')).toBe('n\n');
  writeFileSync(join(linked, 'b.txt'), 'dirty\n');
  repo.gitIn(linked, 'reset', '--quiet', '--soft', facts.head);
  await expect(land('side')).rejects.toMatchObject({
    code: 'repo.checkout_dirty',
    message: expect.stringContaining(linked),
  });
  rmSync(linked, { recursive: true });
  expect(await land('side')).toHaveProperty('landedHow', 'fast_forward');
});

test('a landing into the checkout of a repository whose git directory is elsewhere finds the files', async () => {
  const { repo, facts, head } = await proposed();
  repo.git('init', '--quiet', '--separate-git-dir', join(temporaryFolder(), 'store'));
  const moved = await repositories.inspect(repo.root);
  await repositories.land(moved, { base: facts.head, head, into: 'main', message: 'm' });
  expect(readFileSync(join(repo.root, 'new/n.txt'), 'utf8')).toBe('n\n');
  expect(repo.git('status', '--porcelain')).toBe('');
});

const inTheWay: [name: string, prepare: (proposed: Proposed) => void, message: RegExp][] = [
  ['a changed file', ({ repo }) => repo.write('b.txt', 'mine\n'), /uncommitted changes in b\.txt/],
  [
    'a staged file',
    ({ repo }) => {
      repo.write('c.txt', 'mine\n');
      repo.git('add', 'c.txt');
    },
    /uncommitted changes in c\.txt/,
  ],
  ['a deleted file', ({ repo }) => rmSync(join(repo.root, 'b.txt')), /uncommitted changes in b\.txt/],
  [
    'an untracked file with the name of a new one',
    ({ repo }) => repo.write('new/n.txt', 'mine\n'),
    /overwritten.*new\/n\.txt/,
  ],
  ['a file with the name of a new folder', ({ repo }) => repo.write('new', 'mine\n'), /new/],
  [
    'an unfinished merge',
    ({ repo }) => {
      repo.git('switch', '--quiet', '-c', 'x');
      repo.commit({ 'x.txt': 'x\n' });
      repo.git('switch', '--quiet', 'main');
      repo.git('merge', '--quiet', '--no-ff', '--no-commit', 'x');
    },
    /a merge is in progress/,
  ],
];
test.each(inTheWay)(
  '%s stops a landing there; nothing is touched, and another branch still works',
  async (_name, prepare, message) => {
    const all = await proposed();
    prepare(all);
    const before = everything(all.repo);
    await expect(all.land('main')).rejects.toMatchObject({
      code: 'repo.checkout_dirty',
      message: expect.stringMatching(message),
      cure: expect.stringMatching(/[Cc]ommit or stash.*--into/),
    });
    expect(everything(all.repo)).toBe(before);
    expect(existsSync(join(all.repo.root, '.git/index.lock'))).toBe(false);
    expect(await all.land('elsewhere')).toHaveProperty('landedHow', 'fast_forward');
  },
);

test('an ignored file or folder of the person’s is not overwritten either', async () => {
  for (const change of ['ignored', 'out', 'out/deep']) {
    const { repo, facts } = await proposed();
    repo.git('switch', '--quiet', 'nightshift/t/run-1');
    repo.write(change, 'of the run\n');
    repo.git('add', '--force', change);
    repo.git('commit', '--quiet', '-m', 'ignored');
    const head = repo.git('rev-parse', 'HEAD');
    repo.git('switch', '--quiet', 'main');
    if (change === 'out') {
      mkdirSync(join(repo.root, 'out'));
      repo.write('out/mine', 'mine\n');
    } else repo.write(change, 'mine\n');
    const before = everything(repo);
    await expect(
      repositories.land(facts, { base: facts.head, head, into: 'main', message: 'm' }),
      change,
    ).rejects.toMatchObject({ code: 'repo.checkout_dirty' });
    expect(everything(repo), change).toBe(before);
  }
});

test('a branch that is being rebased is not moved under the person’s feet', async () => {
  const { repo, land } = await proposed();
  repo.git('switch', '--quiet', '-c', 'topic');
  repo.commit({ 'a.txt': 'topic\n' });
  repo.git('switch', '--quiet', 'main');
  repo.commit({ 'a.txt': 'main\n' });
  expect(() => repo.git('rebase', 'main', 'topic')).toThrow();
  await expect(land('topic')).rejects.toMatchObject({
    code: expect.stringMatching(/^repo\.(checkout_dirty|conflict)$/),
  });
  repo.git('rebase', '--abort');
});

test('conflicts name the files, and nothing is touched', async () => {
  const { repo, land } = await proposed({ 'a.txt': 'run\n', 'odd\tname': 'run\n' });
  repo.commit({ 'a.txt': 'main\n', 'odd\tname': 'main\n' });
  const before = everything(repo);
  await expect(land('main')).rejects.toMatchObject({
    code: 'repo.conflict',
    message: expect.stringMatching(/a\.txt, "odd\\tname"/),
    cure: expect.stringContaining('--into'),
  });
  expect(everything(repo)).toBe(before);
});

test('a branch with no common history is a conflict, not a crash', async () => {
  const { repo, land } = await proposed();
  repo.git('switch', '--quiet', '--orphan', 'pages');
  repo.commit({ 'index.html': 'x\n' });
  repo.git('switch', '--quiet', 'main');
  await expect(land('pages')).rejects.toMatchObject({
    code: 'repo.conflict',
    message: expect.stringContaining('no common history'),
  });
});

test('files that go through a filter are not written into a checkout without it', async () => {
  const { repo, facts, land } = await proposed();
  repo.write('.git/info/attributes', '*.txt filter=lfs\n');
  await expect(land('main')).rejects.toMatchObject({ code: 'unsupported', cure: expect.stringContaining('--into') });
  expect(repo.git('rev-parse', 'main')).toBe(facts.head);
  expect(await land('review')).toHaveProperty('landedHow', 'fast_forward');
});

test('a landing that was cut off between files and branch is finished by asking again', async () => {
  const { repo, head, land } = await proposed();
  repo.git('read-tree', '-m', '-u', 'HEAD', head);
  expect(repo.git('status', '--porcelain')).not.toBe('');
  expect(await land('main')).toEqual({ landedAs: head, landedHow: 'fast_forward' });
  expect(repo.git('status', '--porcelain')).toBe('');
});

test('the person’s own merge options and stash are left alone', async () => {
  const { repo, facts, head, land } = await proposed();
  repo.git('config', 'branch.main.mergeOptions', '--no-ff --squash');
  repo.git('config', 'merge.ff', 'false');
  repo.git('config', 'merge.autoStash', 'true');
  expect(await land('main')).toEqual({ landedAs: head, landedHow: 'fast_forward' });
  expect(repo.git('rev-parse', 'main^')).toBe(facts.head);
});

test('a branch that a person locked or moved gives its reason and keeps its place', async () => {
  const { repo, facts, land } = await proposed();
  repo.git('branch', 'locked', facts.head);
  writeFileSync(join(repo.root, '.git/refs/heads/locked.lock'), '');
  await expect(land('locked')).rejects.toMatchObject({
    code: 'repo.git_failed',
    message: expect.stringContaining('locked.lock'),
    cure: expect.stringContaining('delete the lock file'),
  });
  expect(repo.git('rev-parse', 'locked')).toBe(facts.head);
});

test('many landings at once into one branch: each lands or says try again, and none is lost', async () => {
  const { repo, facts } = await proposed();
  const heads = [1, 2, 3, 4].map((n) => {
    repo.git('switch', '--quiet', '-c', `p${n}`, facts.head);
    return repo.commit({ [`file${n}`]: `${n}\n` });
  });
  repo.git('switch', '--quiet', 'main');
  repo.git('branch', 'target', facts.head);
  const landed = await Promise.all(
    heads.map((head) =>
      repositories.land(facts, { base: facts.head, head, into: 'target', message: 'm' }).then(
        () => head,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'conflict', cure: 'Try again.' });
          return null;
        },
      ),
    ),
  );
  const contained = heads.filter((head) => repo.git('rev-list', 'target').includes(head));
  expect(landed.filter(Boolean).sort()).toEqual(contained.sort());
  expect(contained.length).toBeGreaterThan(0);
});

test('a branch is deleted only where it was left, and while nobody stands on it', async () => {
  const { repo, facts, head } = await proposed();
  const name = 'nightshift/t/run-1';
  expect(await repositories.deleteBranch(facts, name, facts.head)).toBe(false);
  repo.git('switch', '--quiet', name);
  expect(await repositories.deleteBranch(facts, name, head)).toBe(false);
  repo.git('switch', '--quiet', 'main');
  expect(await repositories.deleteBranch(facts, name, head)).toBe(true);
  expect(await repositories.deleteBranch(facts, name, head)).toBe(true);
  expect(await repositories.head(facts, name)).toBeNull();
  expect(await repositories.head(facts, 'nightshift')).toBeNull();
});
