/** Each attack leaves a marker file when it is executed. Plain git, as a control, does execute it. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RepositoryFacts } from '#core/ports.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { type TestRepository, temporaryFolder, testRepository } from '../fakes/repository.ts';

const repositories = createRepositories();
const branch = 'nightshift/triage/run-1';

interface Scene {
  repo: TestRepository;
  facts: RepositoryFacts;
  directory: string;
  marker: string;
  /** A program that leaves the marker, outside of everything. */
  program: string;
}

/** @param prepare what the person has set up before the run. */
async function scene(prepare: (scene: Omit<Scene, 'facts'>) => void = () => {}): Promise<Scene> {
  const repo = testRepository({ 'a.txt': 'a\n', 'b.bin': 'b\n', 'src/c.txt': 'c\n' });
  const tools = temporaryFolder();
  const marker = join(tools, 'marker');
  const program = join(tools, 'program');
  writeFileSync(program, `#!/bin/sh\ntouch '${marker}'\n`, { mode: 0o755 });
  const directory = join(temporaryFolder(), 'run-1');
  const parts = { repo, directory, marker, program };
  prepare(parts);
  rmSync(marker, { force: true }); // setting it up may have set it off
  return { ...parts, facts: await repositories.inspect(repo.root) };
}

/** Everything the host ever does with a run's worktree and its commit. */
async function wholeLife({ repo, facts, directory }: Scene, attack: () => void): Promise<void> {
  await repositories.addWorktree(facts, branch, facts.head, directory);
  attack();
  writeFileSync(join(directory, 'a.txt'), 'changed\n');
  writeFileSync(join(directory, 'new.bin'), 'new\n');
  const first = String(await repositories.commitAll(facts, directory, 'first'));
  await repositories.addWorktree(facts, branch, facts.head, directory);
  expect(await repositories.commitAll(facts, directory, 'nothing')).toBeNull();
  expect((await repositories.files(facts, facts.head, first)).map((file) => file.path)).toContain('a.txt');
  expect(await repositories.patch(facts, facts.head, first)).toContain('+changed');
  expect(await repositories.commits(facts, facts.head, first)).toHaveLength(1);
  const check = join(temporaryFolder(), 'check');
  await repositories.addCheckout(facts, first, check);
  expect(readFileSync(join(check, 'a.txt'), 'utf8')).toBe('changed\n');
  await repositories.removeWorktree(facts, check);
  await repositories.inspect(directory).catch(() => {});
  const landing = { base: facts.head, head: first, message: 'merge' };
  await repositories.land(facts, { ...landing, into: 'review' });
  const ahead = repo.git('commit-tree', '-p', 'main', '-m', 'x', 'main^{tree}');
  repo.git('-c', 'core.hooksPath=/dev/null', 'update-ref', 'refs/heads/ahead', ahead);
  expect(await repositories.land(facts, { ...landing, into: 'ahead' })).toHaveProperty('landedHow', 'merge_commit');
  // May be refused, but may not execute anything.
  await repositories
    .land(facts, { ...landing, into: 'main' })
    .catch((error: unknown) => expect(error).toHaveProperty('code'));
  await repositories.removeWorktree(facts, directory);
  expect(await repositories.deleteBranch(facts, branch, first)).toBe(true);
}

/** Plain git, as somebody careless would run it. */
function control(folder: string, ...args: string[]): void {
  const env = { PATH: process.env.PATH, EMAIL: 'person@example.invalid', HOME: '/nonexistent' };
  spawnSync('git', args, { cwd: folder, env, encoding: 'utf8', timeout: 20_000 });
}

function expectArmed(marker: string): void {
  expect(existsSync(marker), 'the control must show that the attack works on plain git').toBe(true);
  rmSync(marker);
}

/** A git directory whose configuration starts the program on every look at the files. */
function evilGitDirectory({ repo, program }: Scene, at: string): void {
  mkdirSync(at, { recursive: true });
  repo.gitIn(at, 'init', '--quiet', '--bare');
  writeFileSync(
    join(at, 'config'),
    `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tfsmonitor = ${program}\n`,
  );
}

const replacements: [name: string, attack: (scene: Scene) => void][] = [
  [
    'its .git file points at a git directory of its own',
    (all) => {
      evilGitDirectory(all, join(all.directory, 'evil'));
      writeFileSync(join(all.directory, '.git'), `gitdir: ${join(all.directory, 'evil')}\n`);
    },
  ],
  [
    'its .git file became a git directory',
    (all) => {
      rmSync(join(all.directory, '.git'));
      evilGitDirectory(all, join(all.directory, '.git'));
    },
  ],
  [
    'its .git became a link to a git directory',
    (all) => {
      rmSync(join(all.directory, '.git'));
      evilGitDirectory(all, join(all.directory, 'evil'));
      symlinkSync('evil', join(all.directory, '.git'));
    },
  ],
  [
    'its .git became a git directory whose commondir points at another',
    (all) => {
      rmSync(join(all.directory, '.git'));
      evilGitDirectory(all, join(all.directory, 'common'));
      mkdirSync(join(all.directory, '.git'));
      writeFileSync(join(all.directory, '.git/HEAD'), 'ref: refs/heads/main\n');
      writeFileSync(join(all.directory, '.git/commondir'), '../common\n');
    },
  ],
];
test.each(replacements)('nothing starts when %s [nothing-executes]', async (_name, attack) => {
  const all = await scene();
  await wholeLife(all, () => {
    attack(all);
    control(all.directory, 'status');
    expectArmed(all.marker);
  });
  expect(existsSync(all.marker)).toBe(false);
});

test('after a commit, plain git in the worktree follows the true link again', async () => {
  const all = await scene();
  const { facts, directory, marker } = all;
  await repositories.addWorktree(facts, branch, facts.head, directory);
  rmSync(join(directory, '.git'));
  evilGitDirectory(all, join(directory, '.git'));
  await repositories.commitAll(facts, directory, 'x');
  control(directory, 'status');
  expect(existsSync(marker)).toBe(false);
});

const filters = ['clean', 'smudge', 'process', 'textconv', 'command'] as const;
test.each(filters)(
  'a %s command that the person configured does not start, whatever attributes the run writes',
  async (kind) => {
    const all = await scene(({ repo, program }) => {
      const section = kind === 'textconv' || kind === 'command' ? 'diff' : 'filter';
      // A name that no `-c name=value` could carry.
      repo.git('config', `${section}.odd=na me.${kind}`, program);
      repo.git('config', `${section}.plain.${kind}`, program);
      if (section === 'filter') repo.git('config', 'filter.plain.required', 'true');
      repo.git('config', 'diff.external', program);
      repo.write('.git/info/attributes', '*.bin filter=plain diff=plain\n');
    });
    await wholeLife(all, () => {
      writeFileSync(join(all.directory, '.gitattributes'), '* filter=plain diff=plain\n');
      writeFileSync(join(all.directory, 'b.bin'), 'touched\n');
      control(
        all.directory,
        kind === 'smudge' ? 'checkout' : kind === 'clean' || kind === 'process' ? 'add' : 'diff',
        ...(kind === 'smudge' ? ['--', 'src/c.txt', 'b.bin'] : kind === 'textconv' || kind === 'command' ? [] : ['-A']),
      );
      if (kind === 'smudge') {
        rmSync(join(all.directory, 'b.bin'));
        control(all.directory, 'checkout', 'HEAD', '--', 'b.bin');
      }
      control(all.directory, 'reset', '--quiet');
      expectArmed(all.marker);
    });
    expect(existsSync(all.marker)).toBe(false);
  },
);

test('a relative hooks folder, a monitor and a signing program of the person’s do not start', async () => {
  const names = [
    'pre-commit',
    'commit-msg',
    'post-commit',
    'post-checkout',
    'post-merge',
    'post-index-change',
    'reference-transaction',
    'pre-merge-commit',
  ];
  const all = await scene(({ repo, program }) => {
    repo.git('config', 'core.hooksPath', '.husky');
    repo.git('config', 'core.fsmonitor', program);
    repo.git('config', 'commit.gpgSign', 'true');
    repo.git('config', 'gpg.program', program);
    repo.git('config', 'log.showSignature', 'true');
    repo.git('config', 'merge.verifySignatures', 'true');
    repo.git('config', 'core.sshCommand', program);
    for (const name of names) repo.write(`.git/hooks/${name}`, readFileSync(program), 0o755);
    for (const name of names) repo.write(`.husky/${name}`, readFileSync(program), 0o755);
    repo.write('.git/info/exclude', '.husky\n');
  });
  await wholeLife(all, () => {
    mkdirSync(join(all.directory, '.husky'));
    for (const name of names)
      writeFileSync(join(all.directory, '.husky', name), readFileSync(all.program), { mode: 0o755 });
    control(all.directory, 'update-index', '--refresh', '--force-write-index');
    control(all.directory, 'status');
    expectArmed(all.marker);
  });
  expect(existsSync(all.marker)).toBe(false);
});

test('a repository in the place of a submodule does not start anything, even when .gitmodules asks to look into it', async () => {
  const inner = testRepository({ i: 'i\n' });
  const all = await scene(({ repo }) => {
    repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'sub');
    repo.commit({}, 'with a submodule');
  });
  await wholeLife(all, () => {
    const sub = join(all.directory, 'sub');
    all.repo.gitIn(sub, 'clone', '--quiet', inner.root, '.');
    all.repo.gitIn(sub, 'config', 'filter.evil.clean', all.program);
    writeFileSync(join(sub, '.git/info/attributes'), '* filter=evil\n');
    writeFileSync(join(sub, 'i'), 'x\n'); // the same size, so that only its content tells
    const modules = `[submodule "sub"]\n\tpath = sub\n\turl = ext::${all.program}\n\tignore = none\n`;
    writeFileSync(join(all.directory, '.gitmodules'), modules);
    control(all.directory, 'status');
    // git itself refuses to work with this line; ours must neither run it nor stumble over it.
    appendFileSync(join(all.directory, '.gitmodules'), `\tupdate = !${all.program}\n`);
    expectArmed(all.marker);
  });
  expect(existsSync(all.marker)).toBe(false);
});

test('a new repository anywhere inside the worktree does not start anything [nothing-executes]', async () => {
  const all = await scene();
  await wholeLife(all, () => {
    for (const place of ['x', 'src', 'deep/er/node_modules/p']) {
      evilGitDirectory(all, join(all.directory, place, '.git'));
      control(join(all.directory, place), 'status');
      expectArmed(all.marker);
    }
  });
  expect(existsSync(all.marker)).toBe(false);
});

test('a merge driver does not start: what it would have merged is a conflict', async () => {
  const { repo, facts, marker, program } = await scene(({ repo }) =>
    repo.write('.git/info/attributes', '* merge=mine\n'),
  );
  repo.git('config', 'merge.mine.driver', `${program} < %A`);
  const theirs = repo.commit({ 'a.txt': 'a\ntheirs\n' }, 'proposal');
  repo.git('reset', '--quiet', '--hard', facts.head);
  repo.git('switch', '--quiet', '-c', 'target');
  const target = repo.commit({ 'a.txt': 'ours\na\n' }, 'target');
  // Not every machine says who merges.
  repo.git('config', 'user.name', 'Test');
  repo.git('config', 'user.email', 'test@example.com');
  control(repo.root, 'merge', '--no-edit', theirs);
  expectArmed(marker);
  repo.git('reset', '--quiet', '--hard', target);
  repo.git('switch', '--quiet', 'main');
  await expect(
    repositories.land(facts, { base: facts.head, head: theirs, into: 'target', message: 'm' }),
  ).rejects.toMatchObject({ code: 'repo.conflict', message: expect.stringContaining('a.txt') });
  expect(existsSync(marker)).toBe(false);
});

test('a missing object is not fetched by a program that the configuration names', async () => {
  const { repo, facts, marker, program } = await scene();
  const head = repo.commit({ 'lost.txt': 'lost\n' }, 'lost');
  const blob = repo.git('rev-parse', `${head}:lost.txt`);
  rmSync(join(repo.root, '.git/objects', blob.slice(0, 2), blob.slice(2)));
  repo.git('config', 'core.repositoryFormatVersion', '1');
  repo.git('config', 'extensions.partialClone', 'origin');
  repo.git('config', 'remote.origin.url', `ext::${program}`);
  repo.git('config', 'remote.origin.promisor', 'true');
  repo.git('config', 'protocol.ext.allow', 'always');
  control(repo.root, 'show', head);
  expectArmed(marker);
  await expect(repositories.patch(facts, facts.head, head)).rejects.toMatchObject({ code: 'repo.git_failed' });
  expect(existsSync(marker)).toBe(false);
});

test('a pipe in the place of a file that git reads cannot hold the host for ever', async () => {
  const { facts, directory } = await scene();
  await repositories.addWorktree(facts, branch, facts.head, directory);
  spawnSync('mkfifo', [join(directory, '.gitignore')]);
  const impatient = createRepositories({ timeoutMs: 1500 });
  await expect(impatient.commitAll(facts, directory, 'x')).rejects.toMatchObject({
    code: 'repo.git_failed',
    message: expect.stringContaining('not done after 1.5 s'),
  });
});

test('a folder that became a link leads nowhere: the link itself is committed', async () => {
  const { repo, facts, directory } = await scene();
  const outside = temporaryFolder();
  writeFileSync(join(outside, 'c.txt'), 'SECRET\n');
  writeFileSync(join(outside, 'other.txt'), 'SECRET\n');
  await repositories.addWorktree(facts, branch, facts.head, directory);
  rmSync(join(directory, 'src'), { recursive: true });
  symlinkSync(outside, join(directory, 'src'));
  symlinkSync(join(outside, 'other.txt'), join(directory, '.gitattributes'));
  const commit = String(await repositories.commitAll(facts, directory, 'x'));
  expect(repo.git('cat-file', '-p', `${commit}:src`)).toBe(outside);
  expect(await repositories.patch(facts, facts.head, commit)).not.toContain('SECRET');
});

test('options and revision expressions in the place of names do nothing', async () => {
  const { repo, facts, directory, marker } = await scene();
  for (const name of [
    '--upload-pack=touch',
    '-d',
    '@{-1}',
    'HEAD',
    'a b',
    'x..y',
    '',
    'refs/heads/main',
    'a\0b',
    'x.lock',
  ]) {
    const into = { base: facts.head, head: facts.head, into: name, message: '' };
    await expect(repositories.land(facts, into), name).rejects.toMatchObject({ code: 'input', field: 'into' });
    await expect(repositories.addWorktree(facts, name, facts.head, directory)).rejects.toMatchObject({ code: 'input' });
    expect(await repositories.head(facts, name)).toBeNull();
  }
  await expect(repositories.patch(facts, `--output=${marker}`, facts.head)).rejects.toThrow(/not a full commit hash/);
  expect(existsSync(marker)).toBe(false);
  expect(repo.git('branch', '--list')).toBe('* main');
});
