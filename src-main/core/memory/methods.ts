/** What a person may see of memories, change in them, and decide about what runs offer, over any door. */
import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import { type Memory, memoryIndex } from '#contract/memory.ts';
import type { Repositories } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { MemoryFiles } from './port.ts';

interface Parts {
  store: Store;
  repositories: Repositories;
  /** Undefined: this host keeps none. */
  files: MemoryFiles | undefined;
}

/** Throws `repo.*` as `locate` does, and `unsupported` where no memory is kept. */
export function memoryMethods({ store, repositories, files }: Parts): Handlers['memory'] {
  async function placeOf(repository: string): Promise<{ root: string; kept: MemoryFiles }> {
    if (!files)
      throw new Fault('unsupported', 'This host keeps no memory.', { cure: 'Ask the host of another data directory.' });
    return { root: (await repositories.locate(repository)).root, kept: files };
  }

  async function show(root: string, kept: MemoryFiles): Promise<Memory> {
    const [all, offers] = await Promise.all([kept.list(root), kept.offers(root)]);
    const index = all.filter(({ file }) => file === memoryIndex);
    const others = all.filter(({ file }) => file !== memoryIndex);
    return { repository: root, folder: kept.folder(root), off: kept.off(root), files: [...index, ...others], offers };
  }

  return {
    async get({ repository }) {
      const { root, kept } = await placeOf(repository);
      return show(root, kept);
    },
    async read({ repository, file }) {
      const { root, kept } = await placeOf(repository);
      const text = await kept.read(root, file);
      if (text !== null) return { text };
      throw new Fault('not_found', `There is no ${file} in the memory of ${root}.`, {
        field: 'file',
        cure: 'See `nightshift memory show`.',
      });
    },
    async write({ repository, file, text, door }) {
      const { root, kept } = await placeOf(repository);
      await kept.write(root, file, text);
      store.commit((writer) =>
        writer.append({ type: 'memory.edited', repository: root, file, gone: text === null, by: door }),
      );
      return show(root, kept);
    },
    async decide({ repository, offer: id, take, door }) {
      const { root, kept } = await placeOf(repository);
      const offer = (await kept.offers(root)).find((each) => each.id === id);
      if (!offer)
        throw new Fault('not_found', `No run offers ${id} to the memory of ${root}.`, {
          field: 'offer',
          cure: 'See `nightshift memory show`; somebody may have decided already.',
        });
      if (take) for (const { file, text } of offer.changes) await kept.write(root, file, text);
      await kept.dropOffer(root, id);
      store.commit((writer) =>
        writer.append({
          type: 'memory.settled',
          run: offer.run,
          offer: id,
          state: take ? 'kept' : 'dropped',
          by: door,
        }),
      );
      return show(root, kept);
    },
  };
}
