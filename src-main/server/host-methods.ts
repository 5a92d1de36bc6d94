/** The methods of `host` that are about the process and its doors rather than about the product. */
import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import type { DoctorCheck, HostStatus } from '#contract/host.ts';
import type { Activity } from './life.ts';
import type { Surroundings } from './serve.ts';

export interface HostMethodsDeps {
  surroundings: Surroundings;
  activity: Activity;
  /** What only the runtime knows. */
  facts(): Promise<Pick<HostStatus, 'activeRuns' | 'openProposals' | 'model' | 'seq'>>;
  doctor(how: { fix: boolean; sandbox: boolean }): Promise<DoctorCheck[]>;
}

export function hostMethods({ surroundings, activity, facts, doctor }: HostMethodsDeps): Handlers['host'] {
  return {
    status: async () => ({ ...surroundings.describe(), ...(await facts()) }),
    doctor: (input) => doctor({ fix: input?.fix ?? false, sandbox: input?.sandbox ?? false }),
    openUrl: async () => ({ url: await surroundings.openUrl() }),
    stop: async ({ force }) => {
      if (activity.busy() && !force)
        throw new Fault('host.busy', 'The host is at work.', {
          cure: 'Wait until its runs are over, or run `nightshift host stop --force`: they resume with the next host.',
        });
      surroundings.stop('asked to');
      return {};
    },
  };
}
