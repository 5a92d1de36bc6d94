/** Reads what happened between two commits. */
import type { Commit, FileChange } from '#contract/proposals.ts';
import { requireHash } from './branches.ts';
import { parseChanges } from './parse-changes.ts';
import type { Git } from './run-git.ts';

/** Bytes of a patch that are shown; the rest is named, not shown. */
const patchLimit = 4_000_000;

/**
 * The gitlinks in two trees are compared as such; programs are asked neither for text nor for differences.
 * Attributes come from the person's side only, so a run cannot mark its changes as not worth showing.
 */
const diff = ['diff-tree', '-r', '-M', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none', '--no-color'];

/** Oldest first. */
export async function commits(git: Git, base: string, head: string): Promise<Commit[]> {
  requireHash(base, head);
  const format = '--format=%H%x00%ct%x00%s%x00';
  const answer = await git([
    'rev-list',
    '--no-commit-header',
    '--reverse',
    '--topo-order',
    '--encoding=UTF-8',
    format,
    head,
    `^${base}`,
  ]);
  const fields = answer.out.toString().split('\0');
  const list: Commit[] = [];
  for (let i = 0; i + 2 < fields.length; i += 3) {
    const [hash = '', seconds = '0', subject = ''] = fields.slice(i, i + 3);
    list.push({ hash: hash.trim(), subject, at: new Date(Number(seconds) * 1000).toISOString() });
  }
  return list;
}

export async function files(git: Git, base: string, head: string): Promise<FileChange[]> {
  requireHash(base, head);
  return parseChanges((await git([...diff, '-z', '--raw', '--numstat', base, head])).out.toString());
}

/** A link's content is its target; longer than any path that an OS follows, it leads nowhere. */
const longestTarget = 4096;

export async function links(git: Git, head: string): Promise<{ path: string; target: string }[]> {
  requireHash(head);
  const listed = (await git(['ls-tree', '-r', '-z', '--full-tree', head])).out.toString().split('\0');
  const found = listed.flatMap((line) => {
    const [, hash = '', path = ''] = /^120000 blob ([\da-f]+)\t([\s\S]+)$/.exec(line) ?? [];
    return hash === '' ? [] : [{ hash, path }];
  });
  if (found.length === 0) return [];
  const { out } = await git(['cat-file', '--batch'], { input: found.map(({ hash }) => `${hash}\n`).join('') });
  let at = 0;
  return found.flatMap(({ path }) => {
    const end = out.indexOf('\n', at);
    const size = Number(out.subarray(at, end).toString().split(' ')[2]);
    const target = out.subarray(end + 1, end + 1 + size).toString();
    at = end + 1 + size + 1;
    return size > longestTarget ? [] : [{ path, target }];
  });
}

export async function patch(git: Git, base: string, head: string): Promise<string> {
  requireHash(base, head);
  const args = [...diff, '-p', '--submodule=short', '--src-prefix=a/', '--dst-prefix=b/', base, head];
  const answer = await git(args, { cutAfter: patchLimit });
  if (!answer.cut) return answer.out.toString();
  const end = answer.out.lastIndexOf('\n');
  const shown = answer.out.subarray(0, end < 0 ? answer.out.length : end).toString();
  // A line that starts with a backslash is no part of a hunk.
  return `${shown}\n\\ Cut here after ${patchLimit / 1e6} MB. The whole difference: git diff ${base} ${head}\n`;
}
