/** Reads files as a commit has them, without a working tree: one git process for all of them. */
import type { TreeEntry } from '#core/instructions/port.ts';
import { requireHash } from './branches.ts';
import type { Git } from './run-git.ts';

const largestFile = 1_000_000;

/** `paths` relative, `/` between; links inside of the tree are followed, others are refused. */
export async function readTree(git: Git, commit: string, paths: readonly string[]): Promise<TreeEntry[]> {
  requireHash(commit);
  const askable = paths.filter((path) => !/[\n\0]/.test(path));
  const input = askable.map((path) => `${commit}:${path}\n`).join('');
  const { out } = await git(['cat-file', '--batch', '--follow-symlinks'], { input });
  const answers = new Map<string, TreeEntry>();
  let at = 0;
  for (const path of askable) {
    const end = out.indexOf(10, at);
    if (end < 0) break;
    const header = out.subarray(at, end).toString();
    at = end + 1;
    const [first = '', second = '', third] = header.split(' ');
    if (header.endsWith(' missing') || header.endsWith(' ambiguous')) {
      answers.set(path, { kind: 'missing' });
      continue;
    }
    const size = Number(third ?? second);
    const content = out.subarray(at, at + size);
    at += size + 1;
    answers.set(path, third === undefined ? linked(first) : entryOf(second, content, first.length / 2));
  }
  return paths.map((path) => answers.get(path) ?? { kind: 'missing' });
}

/** git's own words for links that lead nowhere in the tree. */
function linked(how: string): TreeEntry {
  if (how === 'dangling' || how === 'notdir') return { kind: 'missing' };
  return { kind: 'refused', why: how === 'loop' ? 'its links go round in a circle' : 'it links out of the repository' };
}

function entryOf(type: string, content: Buffer, hashBytes: number): TreeEntry {
  if (type === 'tree') return { kind: 'folder', names: namesOf(content, hashBytes) };
  if (type !== 'blob') return { kind: 'refused', why: 'it is a repository of its own' };
  if (content.length > largestFile) return { kind: 'refused', why: 'it is larger than 1 MB' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    return text.includes('\0') ? { kind: 'refused', why: 'it is no text' } : { kind: 'file', text };
  } catch {
    return { kind: 'refused', why: 'it is no UTF-8 text' };
  }
}

/** A tree as git stores it: `<mode> <name>\0<hash>` for each entry. */
function namesOf(tree: Buffer, hashBytes: number): { name: string; folder: boolean }[] {
  const names: { name: string; folder: boolean }[] = [];
  for (let at = 0; at < tree.length; ) {
    const space = tree.indexOf(32, at);
    const end = tree.indexOf(0, space);
    names.push({
      name: tree.subarray(space + 1, end).toString(),
      folder: tree.subarray(at, space).toString() === '40000',
    });
    at = end + 1 + hashBytes;
  }
  return names;
}
