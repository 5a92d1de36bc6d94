/** Files of a turn: kept byte for byte beside the branch, brought back exactly, and nothing from outside of the worktree gets in. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createRepositories } from '#host/git/repositories.ts';
import { createSnapshots } from '#host/git/snapshots.ts';
import { scratch } from '../fakes/places.ts';
import { testRepository } from '../fakes/repository.ts';

const run = 'run-000000000001';
const linux = process.platform === 'linux';

async function place(
  files: Record<string, string> = { 'a.txt': 'a\n', 'dir/b.txt': 'b\n', '.gitignore': 'ignored/\n' },
) {
  const { root } = testRepository(files);
  const repositories = createRepositories({ env: process.env });
  const snapshots = createSnapshots(process.env);
  const repo = await repositories.inspect(root);
  const directory = join(scratch(), 'tree');
  await repositories.addWorktree(repo, 'nightshift/t/1', repo.head, directory);
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
  let last: string | null = null;
  return {
    ...{ root, repo, repositories, snapshots, directory, git },
    at: (path: string) => join(directory, path),
    write: (path: string, text: string | Buffer) => writeFileSync(join(directory, path), text),
    async keep(turn: number) {
      const kept = await snapshots.keep(repo, directory, run, turn, last);
      if (kept.kind === 'kept') last = kept.seen;
      return kept.kind === 'kept' ? kept.commit : kept;
    },
  };
}

describe.skipIf(!linux)('kept and brought back (Linux only: asks /proc what was really opened)', () => {
  test('everything a person would miss: names, bytes, modes, links, folders in the place of files and the other way round', async () => {
    const { keep, at, write, snapshots, repo, directory, git } = await place();
    const odd = ['with space', 'quote"and\\back', 'tab\there', 'ünïcode', '-dash', 'new\nline'];
    for (const name of odd) write(name, `of ${name}`);
    write('binary', Buffer.from([0, 1, 255, 13, 10]));
    write('run.sh', '#!/bin/sh\n');
    chmodSync(at('run.sh'), 0o755);
    symlinkSync('../elsewhere', at('link'));
    rmSync(at('dir'), { recursive: true });
    write('dir', 'a file now');
    rmSync(at('a.txt'));
    mkdirSync(at('a.txt'));
    write('a.txt/inside', 'a folder now');
    mkdirSync(at('ignored'));
    write('ignored/x', 'stays');
    const first = (await keep(1)) as string;
    expect(git('for-each-ref', '--format=%(refname)', 'refs/nightshift')).toBe(`refs/nightshift/${run}/1`);
    expect(git('branch', '--contains', first)).toBe('');

    for (const name of [...odd, 'binary', 'run.sh', 'link', 'dir']) rmSync(at(name));
    rmSync(at('a.txt'), { recursive: true });
    write('a.txt', 'other');
    write('later', 'not then');
    mkdirSync(at('deep/er'), { recursive: true });
    write('deep/er/x', 'not then either');
    await snapshots.restore(repo, directory, first);
    for (const name of odd) expect(readFileSync(at(name), 'utf8')).toBe(`of ${name}`);
    expect(readFileSync(at('binary'))).toEqual(Buffer.from([0, 1, 255, 13, 10]));
    expect(statSync(at('run.sh')).mode & 0o111).toBe(0o111);
    expect(readlinkSync(at('link'))).toBe('../elsewhere');
    expect(readFileSync(at('dir'), 'utf8')).toBe('a file now');
    expect(readFileSync(at('a.txt/inside'), 'utf8')).toBe('a folder now');
    expect(['later', 'deep'].some((name) => existsSync(at(name)))).toBe(false);
    expect(readFileSync(at('ignored/x'), 'utf8')).toBe('stays');

    await snapshots.restore(repo, directory, await snapshots.branchAt(repo, first));
    expect(execFileSync('git', ['-C', directory, 'status', '--porcelain'], { encoding: 'utf8' })).toBe('');
  });

  test('what did not change is not kept again, and what a commit of the branch holds needs no more than that', async () => {
    const { keep, write, repositories, repo, directory, snapshots, at } = await place();
    write('a.txt', 'one');
    const first = await keep(1);
    expect(await keep(2)).toEqual({ kind: 'same' });
    await repositories.commitAll(repo, directory, 'So far');
    const later = (await keep(3)) as string;
    expect(later).not.toBe(first);
    write('a.txt', 'two');
    await snapshots.restore(repo, directory, first as string);
    expect(readFileSync(at('a.txt'), 'utf8')).toBe('one');
    await snapshots.forget(repo, run);
    expect(execFileSync('git', ['-C', directory, 'for-each-ref', 'refs/nightshift'], { encoding: 'utf8' })).toBe('');
  });

  test('a worktree that a run has turned against us: pipes, a false .git, programs in attributes and settings', async () => {
    const { keep, at, write, root, git } = await place();
    const mark = join(scratch(), 'ran');
    execFileSync('mkfifo', [at('a.pipe')]);
    rmSync(at('a.txt'));
    execFileSync('mkfifo', [at('a.txt')]);
    write('.gitattributes', '*.txt filter=evil diff=evil merge=evil\n');
    writeFileSync(
      join(root, '.git/config'),
      `${readFileSync(join(root, '.git/config'), 'utf8')}[filter "evil"]\n\tclean = touch ${mark}\n\tsmudge = touch ${mark}\n\trequired = true\n[core]\n\tfsmonitor = touch ${mark}\n`,
    );
    mkdirSync(join(root, '.git/hooks'), { recursive: true });
    writeFileSync(join(root, '.git/hooks/reference-transaction'), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
    rmSync(at('.git'));
    write('.git', 'gitdir: /nonexistent\n');
    mkdirSync(at('sub/.git'), { recursive: true });
    write('sub/.git/config', `[core]\n\tfsmonitor = touch ${mark}\n`);
    write('dir/b.txt', 'changed');
    const commit = (await keep(1)) as string;
    expect(git('show', `${commit}:dir/b.txt`)).toBe('changed');
    expect(git('ls-tree', '-r', '--name-only', commit).split('\n').sort()).toEqual([
      '.gitattributes',
      '.gitignore',
      'dir/b.txt',
    ]);
    expect(existsSync(mark)).toBe(false);
  });

  test('a link that takes a folder’s place while it is read lets nothing of the machine in', {
    timeout: 60_000,
  }, async () => {
    const { keep, at, write, git } = await place();
    const secret = scratch();
    for (let each = 0; each < 30; each++) writeFileSync(join(secret, `f${each}`), 'the secret of this machine');
    mkdirSync(at('swap'));
    for (let each = 0; each < 30; each++) write(`swap/f${each}`, 'own');
    // What a process of the run could do: the same names are now in a folder, now behind a link that leads out.
    const swapping = new Worker(
      `const { renameSync, symlinkSync, rmSync } = require('node:fs');
       const [dir, secret] = require('node:worker_threads').workerData;
       for (;;) { try { renameSync(dir, dir + '-away'); symlinkSync(secret, dir); rmSync(dir); renameSync(dir + '-away', dir); } catch {} }`,
      { eval: true, workerData: [at('swap'), secret] },
    );
    onTestFinished(() => void swapping.terminate());
    for (let turn = 1; turn <= 15; turn++) {
      write('dir/b.txt', `turn ${turn}`);
      await keep(turn);
    }
    const held = git('cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)').split('\n');
    const blobs = held.filter((line) => line.endsWith(' blob')).map((line) => line.split(' ')[0] as string);
    const texts = blobs.map((blob) => git('cat-file', 'blob', blob));
    expect(texts).not.toContain('the secret of this machine');
    expect(texts).toContain('turn 15');
  });

  test('links that a run left lead no writing out of the worktree', async () => {
    const { keep, at, write, snapshots, repo, directory } = await place();
    mkdirSync(at('new'));
    write('new/file', 'then');
    write('dir/b.txt', 'then');
    const first = (await keep(1)) as string;
    const outside = scratch();
    writeFileSync(join(outside, 'b.txt'), 'outside');
    for (const folder of ['new', 'dir']) {
      rmSync(at(folder), { recursive: true });
      symlinkSync(outside, at(folder));
    }
    await snapshots.restore(repo, directory, first);
    expect(readFileSync(join(outside, 'b.txt'), 'utf8')).toBe('outside');
    expect(existsSync(join(outside, 'file'))).toBe(false);
    expect(readFileSync(at('new/file'), 'utf8')).toBe('then');
    expect(readFileSync(at('dir/b.txt'), 'utf8')).toBe('then');
  });

  test('more than is kept for one turn is said, and nothing of it is kept', async () => {
    const { keep, write } = await place();
    write('large', Buffer.alloc(65_000_000));
    expect(await keep(1)).toMatchObject({ kind: 'not_kept', why: expect.stringContaining('64 MB') });
  });
});
