/** What a person may see of hooks, and say yes to, over any door. */
import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import type { HookPreview } from '#contract/hooks.ts';
import type { InstructionFiles } from '#core/instructions/port.ts';
import type { Clock, Repositories } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { asPreview, findHooks } from './find.ts';
import { revoke, trust, trustedAt } from './trust.ts';

interface Parts {
  store: Store;
  clock: Clock;
  repositories: Repositories;
  machine: InstructionFiles;
}

/** Throws `repo.*` as `inspect` does. */
export function hookMethods({ store, clock, repositories, machine }: Parts): Handlers['hooks'] {
  async function preview(repository: string): Promise<HookPreview> {
    const { root, gitDirectory, head: commit } = await repositories.inspect(repository);
    const known = (top: string, hash: string) => trustedAt(store, top, hash);
    const found = await findHooks({ repositories, machine, repo: { root, gitDirectory }, commit, trustedAt: known });
    return asPreview(root, commit, found);
  }

  return {
    list: ({ repository }) => preview(repository),
    async trust({ repository, hash, door }) {
      const seen = await preview(repository);
      if (!seen.trust)
        throw new Fault('not_found', `${seen.repository} has no hooks of its own.`, {
          field: 'repository',
          cure: 'Nothing needs to be trusted there.',
        });
      if (seen.trust.hash !== hash)
        throw new Fault('conflict', 'The hooks are not what you looked at any more.', {
          field: 'hash',
          cure: 'Look at them again: `nightshift hooks list`.',
        });
      const at = new Date(clock.now()).toISOString();
      store.commit((writer) => {
        trust(store, writer, seen.repository, hash, at);
        writer.append({ type: 'hooks.trusted', repository: seen.repository, hash, by: door });
      });
      return preview(repository);
    },
    async revoke({ repository, door }) {
      const { repository: root } = await preview(repository);
      store.commit((writer) => {
        revoke(writer, root);
        writer.append({ type: 'hooks.revoked', repository: root, by: door });
      });
      return preview(repository);
    },
  };
}
