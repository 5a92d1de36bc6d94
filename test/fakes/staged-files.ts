/** What files on the stage say: hooks that a person has not said yes to yet. */
import type { Handlers } from '#contract/api.ts';
import type { HookPreview } from '#contract/hooks.ts';

const hash = 'a'.repeat(64);

export const stagedFiles: Pick<Handlers, 'hooks'> = { hooks: stagedHooks() };

function stagedHooks(): Handlers['hooks'] {
  let trustedAt: string | null = null;
  const preview = (repository: string): HookPreview => ({
    ...{ repository, commit: 'c0ffee'.padEnd(40, '0'), problems: [] },
    hooks: [
      {
        ...{ moment: 'PreToolUse', matcher: 'Bash', command: 'sh scripts/guard.sh', timeout: 600, layer: 'project' },
        ...{ file: '.claude/settings.json', state: trustedAt === null ? 'untrusted' : 'runs' },
      },
    ],
    trust: { hash, scripts: ['scripts/guard.sh'], trustedAt },
  });
  return {
    list: async ({ repository }) => preview(repository),
    async trust({ repository }) {
      trustedAt = new Date().toISOString();
      return preview(repository);
    },
    async revoke({ repository }) {
      trustedAt = null;
      return preview(repository);
    },
  };
}
