/** Shows what a run would be told by files, before there is one. */
import type { Handlers } from '#contract/api.ts';
import type { InstructionFiles, Repositories } from '#core/ports.ts';
import { gatherAtStart } from './gather.ts';

interface Parts {
  repositories: Repositories;
  machine: InstructionFiles;
}

/** Throws `repo.*` as `inspect` does. */
export function instructionMethods({ repositories, machine }: Parts): Handlers['instructions'] {
  return {
    async preview({ repository }) {
      const { root, gitDirectory, head: commit } = await repositories.inspect(repository);
      const { pieces, waiting, problems } = await gatherAtStart({
        ...{ repositories, machine, commit },
        repo: { root, gitDirectory },
      });
      return { repository: root, commit, files: pieces.map(({ body: _, ...file }) => file), waiting, problems };
    },
  };
}

/** A machine without files of its own. */
export const noneOfMachine: InstructionFiles = { list: async () => [], read: async () => ({ kind: 'missing' }) };
