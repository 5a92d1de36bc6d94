/** Shows what a run would be told by files, before there is one. */
import type { Handlers } from '#contract/api.ts';
import { createKindBook } from '#core/agents/book.ts';
import { shownKind } from '#core/agents/find.ts';
import type { Repositories, Sandbox } from '#core/ports.ts';
import { ofMachineIn } from '#core/skills/book.ts';
import { findSkills, shown } from '#core/skills/find.ts';
import { gatherAtStart } from './gather.ts';
import type { InstructionFiles } from './port.ts';

interface Parts {
  repositories: Repositories;
  machine: InstructionFiles;
  sandbox: Pick<Sandbox, 'filesAt'>;
}

/** Throws `repo.*` as `inspect` does. */
export function instructionMethods({ repositories, machine, sandbox }: Parts): Handlers['instructions'] {
  return {
    async preview({ repository }) {
      const { root, gitDirectory, head: commit } = await repositories.inspect(repository);
      const sources = { repositories, machine, commit, repo: { root, gitDirectory } };
      const [{ pieces, waiting, problems }, found, kinds] = await Promise.all([
        gatherAtStart(sources),
        ofMachineIn(machine, sandbox.filesAt).then((ofMachine) => findSkills({ ...sources, ofMachine })),
        createKindBook(sources).find(),
      ]);
      return {
        ...{ repository: root, commit, waiting },
        files: pieces.map(({ body: _, ...file }) => file),
        problems: [...problems, ...found.problems, ...kinds.problems],
        skills: found.skills.map(shown),
        agents: kinds.kinds.map(shownKind),
      };
    },
  };
}

/** A machine without files of its own. */
export const noneOfMachine: InstructionFiles = { list: async () => [], read: async () => ({ kind: 'missing' }) };
