/** What a run can leave in its worktree, or a person do around it, that git or the file system stumbles over. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RepositoryFacts } from '#core/ports.ts';
import { removeTree } from '#host/git/remove-tree.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { type TestRepository, temporaryFolder, testRepository } from '../fakes/repository.ts';

const repositories = createRepositories();
const branch = 'nightshift/triage/run-1';
const noProc = process.platform !== 'linux';

interface Started {
  repo: TestRepository;
  facts: RepositoryFacts;
  directory: string;
}

async function started(repo: TestRepository = testRepository()): Promise<Started> {
  const facts = await repositories.inspect(repo.root);
  const directory = join(temporaryFolder(), 'run-1');
  await repositories.addWorktree(facts, branch, facts.head, directory);
  return { repo, facts, directory };
}

/** Folders within folders, longer than any path may be, as a program makes them that enters each before the next. */
function endless(folder: string, deep: number, last: string): void {
  const name = 'n'.repeat(200);
  const script = `cd "$1" && for i in $(seq ${deep}); do mkdir ${name} && cd ${name} || exit 1; done; ${last}`;
  const made = spawnSync('bash', ['-c', script, 'bash', folder], { encoding: 'utf8' });
  expect(made.stderr).toBe('');
  onTestFinished(() => {
    spawnSync('rm', ['-rf', folder]);
  });
}

test.skipIf(noProc)('folders longer than a path may be are removed, and what they link to stays (Linux)', async () => {
  const { facts, directory } = await started();
  const outside = temporaryFolder();
  writeFileSync(join(outside, 'keep'), 'k');
  writeFileSync(join(directory, 'file'), 'f\n');
  for (const name of ['first', 'second']) {
    mkdirSync(join(directory, name));
    const odd = `printf x > $'odd\\xffname'; mkdir -m 500 shut shut/in; mkdir ${'m'.repeat(255)}`;
    endless(join(directory, name), 60, `ln -s ${outside} way-out; ${odd}; cd ..; chmod 500 .`);
  }
  expect(await repositories.commitAll(facts, directory, 'x')).not.toBeNull();
  await repositories.removeWorktree(facts, directory);
  expect(existsSync(directory)).toBe(false);
  expect(readFileSync(join(outside, 'keep'), 'utf8')).toBe('k');
});

test.skipIf(noProc)('what cannot be removed is a fault that names it (Linux)', async () => {
  await expect(removeTree('/proc/self/comm')).rejects.toMatchObject({
    name: 'Fault',
    code: 'repo.git_failed',
    message: expect.stringContaining('/proc/self/comm'),
    cure: expect.any(String),
  });
});

test('files that do not fit the encoding their attributes ask for are left out by name, however many', async () => {
  const { repo, facts, directory } = await started();
  const attributes = [
    '*.u16 working-tree-encoding=UTF-16',
    '*.odd working-tree-encoding=NO-SUCH',
    '*.on working-tree-encoding',
  ];
  writeFileSync(join(directory, '.gitattributes'), `${attributes.join('\n')}\n`);
  for (let i = 10; i < 40; i++) writeFileSync(join(directory, `plain-${i}.u16`), 'plain\n');
  for (const name of ['x.odd', 'y.on', "it's\nodd.u16"]) writeFileSync(join(directory, name), 'plain\n');
  writeFileSync(
    join(directory, 'good.u16'),
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('good\n', 'utf16le')]),
  );
  writeFileSync(join(directory, 'real.txt'), 'real\n');
  const commit = String(await repositories.commitAll(facts, directory, 'Real work'));
  expect(repo.git('ls-tree', '--name-only', commit)).toBe('.gitattributes\nREADME.md\ngood.u16\nreal.txt');
  expect(repo.git('show', `${commit}:good.u16`)).toBe('good');
  const message = repo.git('log', '-1', '--format=%B', commit);
  expect(message).toContain('- "plain-10.u16"');
  expect(message).toContain('and 13 more');
});

test('an encoding asked for everything keeps no run from its commit', async () => {
  const { repo, facts, directory } = await started();
  writeFileSync(join(directory, '.gitattributes'), '* working-tree-encoding=UTF-16\n');
  writeFileSync(join(directory, 'README.md'), '# Changed\n');
  writeFileSync(join(directory, 'utf16'), Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('x\n', 'utf16le')]));
  const commit = String(await repositories.commitAll(facts, directory, 'Real work'));
  expect((await repositories.files(facts, facts.head, commit)).map((file) => file.path)).toEqual(['utf16']);
  const message = repo.git('log', '-1', '--format=%B', commit);
  for (const path of ['.gitattributes', 'README.md']) expect(message).toContain(`- "${path}"`);
});

test('files in the folder of a submodule are named as left out', async () => {
  const inner = testRepository({ i: 'i\n' });
  const repo = testRepository();
  for (const name of ['sub', 'deep/own', 'empty', 'file', 'linked/own'])
    repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, name);
  repo.commit({}, 'with submodules');
  const { facts, directory } = await started(repo);
  mkdirSync(join(directory, 'sub/folder'));
  writeFileSync(join(directory, 'sub/folder/x.txt'), 'x\n');
  writeFileSync(join(directory, 'sub/fix.txt'), 'fix\n');
  repo.gitIn(join(directory, 'deep/own'), 'init', '--quiet');
  rmSync(join(directory, 'file'), { recursive: true });
  writeFileSync(join(directory, 'file'), 'in its place\n');
  const outside = temporaryFolder();
  mkdirSync(join(outside, 'own'));
  writeFileSync(join(outside, 'own/private'), '');
  rmSync(join(directory, 'linked'), { recursive: true });
  symlinkSync(outside, join(directory, 'linked'));
  writeFileSync(join(directory, 'new.txt'), 'n\n');
  const commit = String(await repositories.commitAll(facts, directory, 'new'));
  const message = repo.git('log', '-1', '--format=%B', commit);
  const changed = (await repositories.files(facts, facts.head, commit)).map((file) => file.path);
  expect(changed).toContain('new.txt');
  for (const path of ['sub/fix.txt', 'sub/folder/', 'deep/own/', 'file']) expect(message).toContain(`- "${path}"`);
  expect(message).not.toMatch(/empty|private/);
});

test('a branch that was deleted under its run is a fault that says so, and the files stay', async () => {
  const { repo, facts, directory } = await started();
  writeFileSync(join(directory, 'work.txt'), 'precious\n');
  repo.git('update-ref', '-d', `refs/heads/${branch}`);
  await expect(repositories.commitAll(facts, directory, 'x')).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`The branch ${branch} is gone`),
    cure: expect.stringContaining(directory),
  });
  expect(readFileSync(join(directory, 'work.txt'), 'utf8')).toBe('precious\n');
  repo.git('branch', branch, facts.head);
  expect(await repositories.commitAll(facts, directory, 'x')).not.toBeNull();
});

test('a file where the folder of the worktrees should be is a fault that names it', async () => {
  const { facts } = await started();
  const file = join(temporaryFolder(), 'worktrees');
  writeFileSync(file, 'mine\n');
  for (const directory of [join(file, 'run-2'), join(file, 'deeper/run-2')]) {
    const cannot = { code: 'conflict', message: expect.stringContaining(dirname(directory)), cure: expect.any(String) };
    await expect(repositories.addWorktree(facts, 'nightshift/x/run-2', facts.head, directory)).rejects.toMatchObject(
      cannot,
    );
    await expect(repositories.addCheckout(facts, facts.head, directory)).rejects.toMatchObject(cannot);
    await expect(repositories.removeWorktree(facts, directory)).resolves.toBeUndefined();
  }
  expect(readFileSync(file, 'utf8')).toBe('mine\n');
});

test('a file where git keeps its own list of worktrees is a fault of git, not a bug', async () => {
  const repo = testRepository();
  const facts = await repositories.inspect(repo.root);
  repo.write('.git/worktrees', 'mine\n');
  const directory = join(temporaryFolder(), 'run-1');
  await expect(repositories.addWorktree(facts, branch, facts.head, directory)).rejects.toMatchObject({
    code: 'repo.git_failed',
    message: expect.stringContaining('.git/worktrees'),
  });
  expect(readdirSync(dirname(directory))).toEqual([]);
});

test('attributes with which no git can read a file are a fault that says what to mend, and the files stay', async () => {
  const { repo, facts, directory } = await started();
  // Only the content can tell whether a file of the index's own age was changed.
  const then = new Date('2020-01-01T00:00:00Z');
  utimesSync(join(directory, 'README.md'), then, then);
  repo.gitIn(directory, 'update-index', '--refresh');
  utimesSync(join(repo.root, '.git/worktrees/run-1/index'), then, then);
  writeFileSync(join(directory, '.gitattributes'), '*.md working-tree-encoding\n');
  await expect(repositories.commitAll(facts, directory, 'x')).rejects.toMatchObject({
    code: 'repo.git_failed',
    cure: expect.stringContaining('.gitattributes'),
  });
  writeFileSync(join(directory, '.gitattributes'), '*.md working-tree-encoding=UTF-16LE\n');
  expect(await repositories.commitAll(facts, directory, 'x')).not.toBeNull();
});

test('what a killed write left half done is no work of the run; a file that only looks like it is', async () => {
  const { repo, facts, directory } = await started();
  mkdirSync(join(directory, 'src'));
  for (const name of ['.nightshift-0123456789ab.part', 'src/.nightshift-ba9876543210.part', '.nightshift-x.part'])
    writeFileSync(join(directory, name), 'half');
  const commit = await repositories.commitAll(facts, directory, 'x');
  expect(repo.git('show', '--name-only', '--format=', commit ?? '').trim()).toBe('.nightshift-x.part');
});
