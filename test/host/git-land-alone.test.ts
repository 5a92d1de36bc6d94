/** A branch that does not hold the commit a run started from gets the reviewed change, and nothing else of that history. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RepositoryFacts } from '#core/ports.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { type TestRepository, testRepository } from '../fakes/repository.ts';

const repositories = createRepositories();
const branch = 'nightshift/t/run-1';

interface Night {
  repo: TestRepository;
  facts: RepositoryFacts;
  /** The commit before the one that the run started from. */
  before: string;
  head: string;
  land(into: string): ReturnType<typeof repositories.land>;
}

/** A run that started on a commit with a secret in it; `main` is checked out and still there. */
async function night(change: Record<string, string> = { 'src/answer.js': 'return 42\n' }): Promise<Night> {
  const repo = testRepository({ 'src/answer.js': 'return 41\n', 'other.txt': 'other\n' });
  const before = repo.git('rev-parse', 'HEAD');
  repo.commit({ 'secret.env': 'TOKEN=hunter2\n', 'src/more.js': 'more\n' }, 'Never meant for anybody');
  const facts = await repositories.inspect(repo.root);
  repo.git('switch', '--quiet', '-c', branch);
  const head = repo.commit(change, 'The run');
  repo.git('switch', '--quiet', 'main');
  const land = (into: string) =>
    repositories.land(facts, { base: facts.head, head, into, message: 'Merge "The run"\n\nApproved.' });
  return { repo, facts, before, head, land };
}

function changedOn({ repo, before }: Night, into: string): string {
  return repo.git('diff', '--name-only', before, into);
}

test('a commit that was reset away while the run was at work does not come back with its proposal', async () => {
  const all = await night();
  const { repo, before, land } = all;
  repo.git('reset', '--quiet', '--hard', before);
  const { landedAs, landedHow } = await land('main');
  expect(landedHow).toBe('cherry_picked');
  expect(changedOn(all, 'main')).toBe('src/answer.js');
  expect(repo.git('log', '--format=%s', 'main')).not.toContain('Never meant');
  expect(repo.git('log', '-1', '--format=%P|%an|%s', 'main')).toBe(`${before}|Nightshift|Merge "The run"`);
  expect(repo.git('rev-parse', 'main')).toBe(landedAs);
  expect(existsSync(join(repo.root, 'secret.env'))).toBe(false);
  expect(readFileSync(join(repo.root, 'src/answer.js'), 'utf8')).toBe('return 42\n');
  expect(repo.git('status', '--porcelain')).toBe('');
  expect(await land('main')).toEqual({ landedAs, landedHow: 'already_contained' });
  expect(repo.git('rev-parse', 'main')).toBe(landedAs);
});

test('a branch that is behind the start of the run gets the change, not what lies between', async () => {
  const all = await night();
  const { repo, before, land } = all;
  repo.git('branch', 'release', before);
  const { landedAs, landedHow } = await land('release');
  expect(landedHow).toBe('cherry_picked');
  expect(changedOn(all, 'release')).toBe('src/answer.js');
  expect(repo.git('log', '-1', '--format=%P', 'release')).toBe(before);
  expect(await land('release')).toEqual({ landedAs, landedHow: 'already_contained' });
});

test('several commits and a rename land as one commit, on top of what the branch has of its own', async () => {
  const { repo, facts, before } = await night();
  repo.git('switch', '--quiet', branch);
  repo.git('mv', 'src/answer.js', 'src/renamed.js');
  const head = repo.commit({ 'added.txt': 'added\n' }, 'Second revision');
  repo.git('switch', '--quiet', '-c', 'release', before);
  const own = repo.commit({ 'other.txt': 'release\n' });
  repo.git('switch', '--quiet', 'main');
  const landing = { base: facts.head, head, into: 'release', message: 'm' };
  expect(await repositories.land(facts, landing)).toHaveProperty('landedHow', 'cherry_picked');
  expect(repo.git('log', '-1', '--format=%P', 'release')).toBe(own);
  expect(repo.git('ls-tree', '-r', '--name-only', 'release')).toBe('added.txt\nother.txt\nsrc/renamed.js');
  expect(repo.git('show', 'release:other.txt')).toBe('release');
  expect(repo.git('show', 'release:src/renamed.js')).toBe('return 42');
});

test('a start that was amended away counts as gone: its new form stays, the change lands on it', async () => {
  const { repo, land } = await night();
  repo.git('rm', '--quiet', '--cached', 'secret.env');
  repo.git('commit', '--quiet', '--amend', '-m', 'Without the secret');
  const amended = repo.git('rev-parse', 'HEAD');
  repo.git('clean', '--quiet', '--force');
  expect(await land('main')).toHaveProperty('landedHow', 'cherry_picked');
  expect(repo.git('log', '-1', '--format=%P', 'main')).toBe(amended);
  expect(repo.git('ls-tree', '-r', '--name-only', 'main').split('\n')).not.toContain('secret.env');
});

test('a change to what the branch never had is a conflict that names the file, and nothing is touched', async () => {
  const { repo, before, land } = await night({ 'src/more.js': 'changed\n' });
  repo.git('reset', '--quiet', '--hard', before);
  const refs = repo.git('show-ref', '--head');
  await expect(land('main')).rejects.toMatchObject({
    code: 'repo.conflict',
    message: expect.stringContaining('src/more.js'),
    cure: expect.stringContaining('--into'),
  });
  expect(repo.git('show-ref', '--head')).toBe(refs);
  expect(repo.git('status', '--porcelain')).toBe('');
});

test('a branch that holds the start still gets a merge commit, its own commits kept', async () => {
  const { repo, head, land } = await night();
  const own = repo.commit({ 'other.txt': 'person\n' });
  expect(await land('main')).toHaveProperty('landedHow', 'merge_commit');
  expect(repo.git('log', '-1', '--format=%P', 'main')).toBe(`${own} ${head}`);
});
