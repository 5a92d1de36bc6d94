/** Instruction files of this machine: of the administrator, of the person, and of the person for one repository. */

import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstructionFiles, TreeEntry } from '#core/ports.ts';
import { type ManagedWhere, managedPlaces } from '#host/settings/settings-files.ts';

interface Options extends ManagedWhere {
  /** Absolute: of the person. */
  home: string;
}

type Found = Awaited<ReturnType<InstructionFiles['list']>>[number];

const largest = 1_000_000;

export function createInstructionFiles({ home, ...managed }: Options): InstructionFiles {
  return {
    async list(root) {
      const folder = join(home, '.claude');
      const administrator = managedPlaces(managed).map(({ file }) => join(file, '..', 'CLAUDE.md'));
      const rules = (await markdownBelow(join(folder, 'rules'))).sort();
      const places: [Found['layer'], string][] = [
        ...administrator.map((path): [Found['layer'], string] => ['managed', path]),
        ['person', join(folder, 'CLAUDE.md')],
        ...rules.map((path): [Found['layer'], string] => ['person', path]),
        ['local', join(root, 'CLAUDE.local.md')],
      ];
      const entries = await Promise.all(places.map(([layer, path]) => readText(path, layer === 'local')));
      return places.flatMap(([layer, path], index): Found[] => {
        const entry = entries[index];
        if (entry?.kind === 'file') return [{ layer, path, text: entry.text, problem: null }];
        return entry?.kind === 'refused' ? [{ layer, path, text: '', problem: entry.why }] : [];
      });
    },
    read: (path) => readText(path.startsWith('~/') ? join(home, path.slice(2)) : path),
  };
}

/** A person's own files may be links, as those who keep them in a repository of their own have it; what lies in a repository may not. */
async function readText(path: string, noLinks = false): Promise<TreeEntry> {
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

async function markdownBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    return entries.filter((each) => each.name.endsWith('.md')).map((each) => join(each.parentPath, each.name));
  } catch {
    return [];
  }
}
