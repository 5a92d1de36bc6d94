/** git inside a run: history can be read, nothing can be changed, and no address or token of the person is shown. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSandbox } from '#host/sandbox/launch.ts';
import { scratch, silent } from '../fakes/places.ts';
import { git, ground, hands, noSandbox } from './sandbox-fixture.ts';

describe.skipIf(noSandbox)('git inside a run (Linux only)', () => {
  test('status, log, diff and blame work', async () => {
    const { bash } = await hands();
    expect((await bash('git status --short --branch')).text).toBe('## nightshift/test');
    expect((await bash('git log --format=%s')).text).toBe('second\nfirst');
    await bash('echo five >> notes.txt; echo new > new.txt');
    expect((await bash('git status --short')).text).toBe(' M notes.txt\n?? new.txt');
    expect((await bash('git diff --stat')).text).toContain('1 insertion(+)');
    expect((await bash('git blame -s notes.txt')).text).toContain('four');
    expect((await bash('git show HEAD:notes.txt')).text).toContain('four');
  });

  test('add, commit, branch, config, stash and gc fail, and nothing has changed outside', async () => {
    const { bash, place } = await hands();
    const before = git(place.worktree, 'for-each-ref');
    await bash('echo five >> notes.txt');
    for (const command of [
      'git add .',
      'git -c user.name=a -c user.email=b commit -am x',
      'git branch evil',
      'git config core.fsmonitor "touch /tmp/x"',
      'git stash',
      'git gc',
      'git update-ref refs/heads/main HEAD~1',
      'git worktree add /tmp/w',
    ]) {
      expect((await bash(command)).ok, command).toBe(false);
    }
    expect(git(place.worktree, 'for-each-ref')).toBe(before);
    expect(readFileSync(join(place.worktree, '.git'), 'utf8')).toContain(place.gitDirectory);
    expect(git(place.worktree, 'status', '--short')).toBe(' M notes.txt\n');
  });

  test('remote addresses, their tokens and hooks are not there', async () => {
    const { bash } = await hands();
    expect((await bash('cat .git; cat /repository.git/config; git config --list; git remote -v')).text).not.toMatch(
      /hunter2|example\.invalid/,
    );
    expect((await bash('grep -r hunter2 /repository.git')).text).toBe('Exit code 1');
  });

  test('addresses that a pull with a token noted in the reflogs are not there, and git works without them', async () => {
    const place = ground();
    const main = join(place.root, 'main');
    for (const checkout of [main, place.worktree]) {
      const note = 'pull https://x:hunter2-token@example.invalid/r.git: Fast-forward';
      git(checkout, 'commit', '--quiet', '--allow-empty', '--message', 'pulled');
      git(checkout, 'update-ref', '-m', note, 'HEAD', 'HEAD~1', 'HEAD');
      expect(git(checkout, 'reflog')).toContain('hunter2');
      const own = git(checkout, 'rev-parse', '--absolute-git-dir').trim();
      writeFileSync(join(own, 'FETCH_HEAD'), `${'1'.repeat(40)}\t\thttps://x:hunter2-token@example.invalid/r\n`);
    }
    const run = await hands(place);
    expect((await run.bash('grep -r hunter2 /repository.git /workspace')).text).toBe('Exit code 1');
    expect((await run.bash('git log --format=%s && git status --short --branch')).text).toBe(
      'second\nfirst\n## nightshift/test',
    );
    expect((await run.bash('git blame -s notes.txt && git diff HEAD~1 --stat')).text).toContain('1 insertion(+)');
    const plain = await hands({ ...place, worktree: main });
    expect((await plain.bash('grep -r hunter2 /workspace')).text).toBe('Exit code 1');
    expect((await plain.bash('git log --format=%s && git status --short')).text).toBe('second\nfirst');
  });

  test('what the host commits meanwhile in the worktree is seen', async () => {
    const { bash, place } = await hands();
    await bash('echo five >> notes.txt');
    git(place.worktree, 'commit', '--quiet', '--all', '--message', 'third');
    expect((await bash('git log -1 --format=%s')).text).toBe('third');
  });

  test('a repository whose path holds a newline and a blank at its end works', async () => {
    const { root } = ground();
    const [main, worktree] = [join(root, 'two\nlines '), join(root, 'work\nhere ')];
    renameSync(join(root, 'main'), main);
    git(main, 'worktree', 'add', '--quiet', '-b', 'nightshift/odd', worktree);
    const { bash } = await hands({ root, worktree, gitDirectory: join(main, '.git') });
    expect((await bash('git status --short --branch && git log -1 --format=%s')).text).toBe(
      '## nightshift/odd\nsecond',
    );
  });

  test('a repository that the run makes for itself works', async () => {
    const { bash } = await hands();
    const identity = '-c user.name=a -c user.email=b@example.invalid';
    const made = await bash(
      `git init -q /tmp/own && cd /tmp/own && git ${identity} commit -q --allow-empty -m x && git log --format=%s`,
    );
    expect(made.text).toBe('x');
  });

  test('what the person commits meanwhile is seen', async () => {
    const { bash, place } = await hands();
    git(join(place.root, 'main'), 'commit', '--quiet', '--allow-empty', '--message', 'third');
    expect((await bash('git log -1 --format=%s main')).text).toBe('third');
  });

  test('a detached checkout and a plain one work too', async () => {
    const place = ground();
    git(join(place.root, 'main'), 'worktree', 'add', '--quiet', '--detach', '../check', 'HEAD');
    const detached = await hands({ ...place, worktree: join(place.root, 'check') });
    expect((await detached.bash('git log -1 --format=%s && git status --short')).text).toBe('second');
    const plain = await hands({ ...place, worktree: join(place.root, 'main') });
    expect((await plain.bash('git status --short && git log -1 --format=%s')).text).toBe('second');
    expect((await plain.bash('cat .git/config')).text).not.toContain('hunter2');
    expect((await plain.bash('echo x > .git/config')).ok).toBe(false);
  });

  test('a directory that is not a worktree of the repository is refused', async () => {
    const place = ground();
    const stranger = ground();
    const forged = scratch();
    writeFileSync(join(forged, '.git'), readFileSync(join(place.worktree, '.git')));
    const sandbox = createSandbox({ log: silent });
    for (const [worktree, gitDirectory] of [
      [scratch(), place.gitDirectory],
      [stranger.worktree, place.gitDirectory],
      [forged, place.gitDirectory],
      [place.worktree, join(place.root, 'nowhere')],
    ] as const) {
      const launch = sandbox.launch({ run: 'run-1', worktree, gitDirectory, access: 'write' });
      await expect(launch).rejects.toMatchObject({
        name: 'Fault',
        code: 'sandbox.unavailable',
        cure: expect.any(String),
      });
    }
  });

  test('settings of one worktree are shown without what could run a program', async () => {
    const place = ground();
    git(place.worktree, 'config', 'extensions.worktreeConfig', 'true');
    git(place.worktree, 'config', '--worktree', 'core.fsmonitor', 'touch /tmp/ran');
    git(place.worktree, 'config', '--worktree', 'core.sparseCheckout', 'false');
    const { bash } = await hands(place);
    expect((await bash('git status --short; git config --list; ls /tmp/ran')).text).not.toContain('fsmonitor');
    expect((await bash('git config core.sparsecheckout')).text).toBe('false');
  });

  test('no git directory can be put in the place of a submodule, where a git status outside would believe it', async () => {
    const place = ground();
    const head = git(place.worktree, 'rev-parse', 'HEAD').trim();
    for (const path of ['sub', 'deep/er/sub'])
      git(place.worktree, 'update-index', '--add', '--cacheinfo', `160000,${head},${path}`);
    const mark = join(place.root, 'started');
    const { bash } = await hands(place);
    for (const path of ['sub', 'deep/er/sub']) {
      const text = `mkdir -p ${path}; git init -q ${path} && cd ${path} && git config core.fsmonitor 'touch ${mark} #'`;
      await bash(text);
      await bash(`mv ${path} ${path}-old; ln -s /tmp ${path}; rm -rf ${path}; ${text}`);
    }
    await bash(`mv deep deeper; mv deep/er deep/else; mkdir -p deep/er/sub && git init -q deep/er/sub`);
    for (const path of ['sub', 'deep/er/sub']) expect(existsSync(join(place.worktree, path, '.git')), path).toBe(false);
    git(place.worktree, 'status');
    expect(existsSync(mark)).toBe(false);
    expect((await bash('echo x > deep/er/file && echo y > deep/file && cat deep/er/file deep/file')).text).toBe('x\ny');
  });
});
