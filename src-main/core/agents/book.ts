/** The kinds of subagents of one go of a run: found once. */
import type { InstructionFiles } from '#core/instructions/port.ts';
import { type FoundKinds, findKinds, type KindSources } from './find.ts';

export interface KindBook {
  /** Only git itself can make it throw. */
  find(): Promise<FoundKinds>;
}

export function createKindBook(
  sources: Omit<KindSources, 'ofMachine'> & { machine: Pick<InstructionFiles, 'agents'> },
): KindBook {
  let finding: Promise<FoundKinds> | undefined;
  return {
    find() {
      finding ??= (async () => findKinds({ ...sources, ofMachine: (await sources.machine.agents?.()) ?? [] }))();
      return finding;
    },
  };
}
