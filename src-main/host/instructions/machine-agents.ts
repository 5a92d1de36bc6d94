/** Kinds of subagents of this machine: of the administrator and of the person. */
import { join } from 'node:path';
import type { MachineAgent } from '#core/instructions/port.ts';
import { entryOf, markdownIn, placesOf, trustIn, type Where } from './machine-skills.ts';

/** Never throws. */
export async function readMachineAgents(where: Where): Promise<MachineAgent[]> {
  const found: MachineAgent[] = [];
  for (const { layer, folder } of placesOf(where)) {
    const trust = layer === 'managed' ? trustIn(where) : null;
    for (const path of await markdownIn(join(folder, 'agents'), 1))
      found.push({ layer, path, entry: await entryOf(path, trust) });
  }
  return found;
}
