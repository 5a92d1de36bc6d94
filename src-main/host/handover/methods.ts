/** Sessions that come and go as files, as the doors ask for it. */
import type { Handlers } from '#contract/api.ts';
import type { Locks, Repositories } from '#core/ports.ts';
import type { Runtime } from '#core/runtime.ts';
import type { Snapshots } from '#core/talk/port.ts';
import type { Secrets } from '#host/secrets.ts';
import { handOver } from './hand-over.ts';
import { take } from './take.ts';

interface Parts {
  runtime: Pick<Runtime, 'store' | 'handing'>;
  secrets: Secrets;
  repositories: Repositories;
  snapshots: Snapshots;
  locks?: Locks;
  /** Of the product. */
  version: string;
}

export function handingOver({ runtime, ...parts }: Parts): Pick<Handlers['runs'], 'handOver' | 'take'> {
  const { store, handing } = runtime;
  return {
    handOver: ({ run, door }) => handOver({ ...parts, store, end: handing.end }, run, door),
    take: async (wanted) => ({ run: await take({ ...parts, store, ...handing }, wanted) }),
  };
}
