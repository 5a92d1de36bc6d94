/** Reads one file that is meant to be text, without waiting for anything, and says why where it cannot be used. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { TreeEntry } from '#core/instructions/port.ts';

const largest = 1_000_000;

/** A person's own files may be links, as those who keep them in a repository of their own have it; what lies in a repository may not. */
export async function readText(path: string, noLinks = false): Promise<TreeEntry> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | (noLinks ? constants.O_NOFOLLOW : 0));
    try {
      const facts = await file.stat();
      if (!facts.isFile()) return { kind: 'refused', why: 'it is no file' };
      if (facts.size > largest) return { kind: 'refused', why: 'it is larger than 1 MB' };
      return { kind: 'file', text: new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile()) };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    if (code === 'ELOOP') return { kind: 'refused', why: 'it is a link' };
    return {
      kind: 'refused',
      why: code?.startsWith('ERR_ENCODING') ? 'it is no UTF-8 text' : `it cannot be read (${code})`,
    };
  }
}
