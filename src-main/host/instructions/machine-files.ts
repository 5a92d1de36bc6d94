/** Instruction files of this machine: of the administrator, of the person, and of the person for one repository. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstructionFiles } from '#core/instructions/port.ts';
import { readHookFiles } from '#host/settings/hook-files.ts';
import { type ManagedWhere, managedPlaces } from '#host/settings/settings-files.ts';
import { readMachineAgents } from './machine-agents.ts';
import { readMachineSkills } from './machine-skills.ts';
import { tryPattern } from './pattern.ts';
import { readText } from './read-text.ts';

interface Options extends ManagedWhere {
  /** Absolute: of the person. */
  home: string;
}

type Found = Awaited<ReturnType<InstructionFiles['list']>>[number];

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
    pattern: tryPattern,
    hooks: async (root) => readHookFiles({ ...managed, home, root }),
    skills: () => readMachineSkills({ home, ...managed }),
    agents: () => readMachineAgents({ home, ...managed }),
  };
}

async function markdownBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    return entries.filter((each) => each.name.endsWith('.md')).map((each) => join(each.parentPath, each.name));
  } catch {
    return [];
  }
}
