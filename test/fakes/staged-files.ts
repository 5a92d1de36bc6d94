/** What files on the stage say: hooks that a person has not said yes to yet, and a memory with an offer. */
import type { Handlers } from '#contract/api.ts';
import type { HookPreview } from '#contract/hooks.ts';
import type { Memory, MemoryOffer } from '#contract/memory.ts';

const hash = 'a'.repeat(64);

export const stagedFiles: Pick<Handlers, 'hooks' | 'memory'> = {
  get hooks() {
    return stagedHooks();
  },
  get memory() {
    return stagedMemory();
  },
};

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

const offered: MemoryOffer = {
  ...{ id: 41, at: '2026-11-20T03:12:00.000Z', run: 'run-00000009', routine: 'triage' },
  changes: [{ file: 'testing.md', text: 'The suite needs TZ=UTC.\nRun it with npm test -- --runInBand.' }],
  why: 'the routine asks for your yes',
};

function stagedMemory(): Handlers['memory'] {
  const texts = new Map([['MEMORY.md', '- testing.md: how to run the tests\n']]);
  let offers = [offered];
  const memory = (repository: string): Memory => ({
    ...{ repository, folder: '/home/sam/.local/share/nightshift/memory/orders', off: null, offers },
    files: [...texts].map(([file, text]) => ({ file, bytes: text.length, changedAt: '2026-11-19T06:00:00.000Z' })),
  });
  return {
    get: async ({ repository }) => memory(repository),
    read: async ({ file }) => ({ text: texts.get(file) ?? '' }),
    async write({ repository, file, text }) {
      if (text === null) texts.delete(file);
      else texts.set(file, text);
      return memory(repository);
    },
    async decide({ repository, take }) {
      for (const { file, text } of take ? offered.changes : []) if (text !== null) texts.set(file, text);
      offers = [];
      return memory(repository);
    },
  };
}
