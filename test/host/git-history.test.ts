import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { createRepositories } from '#host/git/repositories.ts';
import { type TestRepository, temporaryFolder, testRepository } from '../fakes/repository.ts';

const repositories = createRepositories();

test('commits are told oldest first, files by kind, and the patch applies to the base', async () => {
  const long = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('');
  const repo = testRepository({ 'old name': long, 'edit.txt': 'a\nb\n', gone: 'g\n', kind: 'k\n' });
  const facts = await repositories.inspect(repo.root);
  const first = repo.commit({ 'edit.txt': 'a\nB\nc\n', 'ünï/new': 'n\n' }, 'First | ünï\n\nbody');
  repo.git('mv', 'old name', 'new name');
  repo.git('rm', '--quiet', 'gone');
  repo.git('rm', '--quiet', 'kind');
  repo.git('config', 'core.symlinks', 'true');
  repo.write('blob', new Uint8Array([0, 1, 2, 255]));
  repo.gitIn(repo.root, '-c', 'alias.link=!ln -s edit.txt kind', 'link');
  const head = repo.commit({}, 'Second');
  expect(await repositories.commits(facts, facts.head, head)).toEqual([
    { hash: first, subject: 'First | ünï', at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/) },
    { hash: head, subject: 'Second', at: expect.any(String) },
  ]);
  expect(await repositories.files(facts, facts.head, head)).toEqual([
    { path: 'blob', status: 'added', additions: 0, deletions: 0, binary: true },
    { path: 'edit.txt', status: 'modified', additions: 2, deletions: 1, binary: false },
    { path: 'gone', status: 'deleted', additions: 0, deletions: 1, binary: false },
    { path: 'kind', status: 'typechange', additions: 1, deletions: 1, binary: false },
    { path: 'new name', from: 'old name', status: 'renamed', additions: 0, deletions: 0, binary: false },
    { path: 'ünï/new', status: 'added', additions: 1, deletions: 0, binary: false },
  ]);
  repo.git('config', 'diff.noprefix', 'true');
  repo.git('config', 'diff.mnemonicPrefix', 'true');
  repo.git('config', 'color.ui', 'always');
  const patch = await repositories.patch(facts, facts.head, head);
  expect(patch).toContain('--- a/edit.txt\n+++ b/edit.txt\n@@ ');
  expect(patch).toContain('+++ b/ünï/new');
  expect(patch).toContain('rename from old name\nrename to new name');
  expect(patch).toContain('Binary files /dev/null and b/blob differ');
  expect(patch).not.toContain('\u001b');
  expect(await repositories.commits(facts, head, head)).toEqual([]);
  expect(await repositories.files(facts, head, head)).toEqual([]);
  expect(await repositories.patch(facts, head, head)).toBe('');
});

test('a commit cannot mark its own changes as not worth showing', async () => {
  const repo = testRepository({ 'a.js': 'good\n' });
  const facts = await repositories.inspect(repo.root);
  repo.git('switch', '--quiet', '-c', 'proposal');
  const head = repo.commit({ 'a.js': 'evil\n', '.gitattributes': '*.js -diff binary\n' });
  repo.git('switch', '--quiet', 'main');
  expect(await repositories.patch(facts, facts.head, head)).toContain('+evil');
});

test('a difference of many megabytes is cut at a line and says so in its last one', async () => {
  const repo = testRepository({ small: 's\n' });
  const facts = await repositories.inspect(repo.root);
  const head = repo.commit({ big: `${'0123456789abcdef'.repeat(4)}é\n`.repeat(120_000) });
  const patch = await repositories.patch(facts, facts.head, head);
  expect(Buffer.byteLength(patch)).toBeLessThan(4_000_300);
  expect(Buffer.byteLength(patch)).toBeGreaterThan(3_900_000);
  const [last, before] = patch.trimEnd().split('\n').reverse();
  expect(last).toMatch(/^\\ Cut here after 4 MB\..*git diff/);
  expect(before).toBe(`+${'0123456789abcdef'.repeat(4)}é`);
  expect(await repositories.files(facts, facts.head, head)).toMatchObject([{ path: 'big', additions: 120_000 }]);
});

test('a base that was rewritten away and cleaned up is a fault with a cure', async () => {
  const repo = testRepository();
  const facts = await repositories.inspect(repo.root);
  for (const ask of [repositories.commits, repositories.files, repositories.patch]) {
    await expect(ask(facts, '1'.repeat(40), facts.head)).rejects.toMatchObject({
      code: 'repo.git_failed',
      message: expect.stringMatching(/bad object/),
      cure: expect.stringContaining('new run'),
    });
  }
});

const nobody = 65534;
const asRoot = process.getuid?.() === 0;

/** Runs `body` with `r` (the repositories) in a process of its own; what it returns. */
function elsewhere(body: string, options: SpawnSyncOptions, ...wrapper: string[]): unknown {
  const module = pathToFileURL(resolve(import.meta.dirname, '../../src-main/host/git/repositories.ts')).href;
  const script = `import { createRepositories } from ${JSON.stringify(module)};
    import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
    import { execFileSync } from 'node:child_process';
    import { randomBytes } from 'node:crypto';
    const r = createRepositories();
    console.log(JSON.stringify(await (async () => { ${body} })()));`;
  const [command = '', ...args] = [...wrapper, process.execPath, '--no-warnings', '--input-type=module', '-e', script];
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: '/', ...options, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** As `elsewhere`, by a user without privileges who owns the repository at `root` and `folder`. */
function asNormalUser(repo: TestRepository, folder: string, body: string): unknown {
  const own = (path: string): void => {
    chownSync(path, nobody, nobody);
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) own(join(path, entry.name));
      else if (entry.isFile()) chownSync(join(path, entry.name), nobody, nobody);
    }
  };
  if (asRoot) for (const each of [resolve(repo.root, '..'), folder]) own(each);
  const root = `const root = ${JSON.stringify(repo.root)};`;
  return elsewhere(root + body, asRoot ? { uid: nobody, gid: nobody } : {});
}

test.skipIf(process.platform === 'win32')(
  'a normal user: unreadable files are left out, locked folders are removed (needs POSIX modes)',
  () => {
    const repo = testRepository({ a: 'a\n', b: 'b\n' });
    const parent = temporaryFolder();
    const answer = asNormalUser(
      repo,
      parent,
      `
    const facts = await r.inspect(root);
    const directory = ${JSON.stringify(join(parent, 'run-1'))};
    await r.addWorktree(facts, 'nightshift/x/run-1', facts.head, directory);
    writeFileSync(directory + '/fine', 'x');
    writeFileSync(directory + '/secret', 'x'); chmodSync(directory + '/secret', 0);
    mkdirSync(directory + '/cache/deep', { recursive: true }); writeFileSync(directory + '/cache/deep/f', 'x');
    chmodSync(directory + '/cache/deep', 0o500); chmodSync(directory + '/cache', 0o500);
    const head = await r.commitAll(facts, directory, 'Work');
    const files = (await r.files(facts, facts.head, head)).map((file) => file.path);
    await r.removeWorktree(facts, directory);
    return { files, gone: !existsSync(directory) };`,
    );
    expect(answer).toEqual({ files: ['cache/deep/f', 'fine'], gone: true });
    expect(repo.gitIn(repo.root, '-c', 'safe.directory=*', 'log', '-1', '--format=%b', 'nightshift/x/run-1')).toContain(
      '- "secret"',
    );
  },
);

test.skipIf(process.platform === 'win32')(
  'a normal user: a repository that cannot be written or entered says so (needs POSIX modes)',
  () => {
    const repo = testRepository();
    mkdirSync(join(repo.root, '../closed'));
    const parent = temporaryFolder();
    const answer = asNormalUser(
      repo,
      parent,
      `
    const facts = await r.inspect(root);
    for (const part of ['refs/heads', 'worktrees', 'objects']) { mkdirSync(root + '/.git/' + part, { recursive: true }); chmodSync(root + '/.git/' + part, 0o500); }
    const fail = (error) => ({ code: error.code, cure: error.cure });
    const write = await r.addWorktree(facts, 'x/run-1', facts.head, ${JSON.stringify(join(parent, 'run-1'))}).catch(fail);
    chmodSync(root + '/../closed', 0);
    const enter = await r.inspect(root + '/../closed/repository').catch(fail);
    for (const part of ['refs/heads', 'worktrees', 'objects']) chmodSync(root + '/.git/' + part, 0o700);
    chmodSync(root + '/../closed', 0o700);
    return { write, enter };`,
    );
    expect(answer).toEqual({
      write: { code: 'repo.git_failed', cure: expect.stringContaining('write access') },
      enter: { code: 'repo.not_a_repository', cure: expect.stringContaining('access') },
    });
  },
);

const bubblewrap = spawnSync('bwrap', ['--dev-bind', '/', '/', 'true']).status === 0;

test.skipIf(!bubblewrap)(
  'a full disk is named, and the work goes on when there is room again (needs bubblewrap)',
  () => {
    const full = temporaryFolder();
    const directory = join(temporaryFolder(), 'run-1');
    const body = `
    const root = ${JSON.stringify(full)}, directory = ${JSON.stringify(directory)};
    const git = (...args) => execFileSync('git', ['-c', 'user.name=p', '-c', 'user.email=p@example.invalid', ...args], { cwd: root });
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '-m', 'First commit');
    const facts = await r.inspect(root);
    await r.addWorktree(facts, 'x/run-1', facts.head, directory);
    writeFileSync(root + '/in-the-way', randomBytes(2_000_000));
    writeFileSync(directory + '/big', randomBytes(8_000_000));
    const first = await r.commitAll(facts, directory, 'x').catch((error) => error.toData());
    const untouched = (await r.head(facts, 'x/run-1')) === facts.head;
    rmSync(root + '/in-the-way');
    writeFileSync(directory + '/big', 'small');
    return { first, untouched, second: await r.commitAll(facts, directory, 'x') };`;
    const answer = elsewhere(body, {}, 'bwrap', '--dev-bind', '/', '/', '--size', '4000000', '--tmpfs', full, '--');
    expect(answer).toMatchObject({
      first: {
        code: 'repo.git_failed',
        message: expect.stringContaining('No space left'),
        cure: expect.stringContaining('disk space'),
      },
      untouched: true,
      second: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
  },
);
