/** What a staged host says of settings, instruction files and telemetry. */
import type { Handlers } from '#contract/api.ts';
import type { Stage } from './staged-host.ts';

export function stagedMachine(stage: () => Stage): Pick<Handlers, 'settings' | 'telemetry' | 'instructions'> {
  return {
    settings: { effective: async () => stage().settings },
    telemetry: {
      get: async () => stage().telemetry,
      set: async ({ endpoint }) => {
        const now = stage();
        now.telemetry = { ...now.telemetry, endpoint };
        return now.telemetry;
      },
    },
    instructions: {
      preview: async ({ repository }) => ({
        ...{ repository, commit: 'a'.repeat(40), files: [], waiting: [], problems: [], skills: [], agents: [] },
      }),
    },
  };
}
