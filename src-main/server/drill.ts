/** Gives the fault drill the way to real host processes, and ends it when its host goes. */
import type { DrillItem } from '#contract/drill.ts';
import type { Log } from '#core/ports.ts';
import type { DrillHosts } from '#host/drill/stage.ts';
import { attach } from './attach.ts';
import { connectSocket } from './connect.ts';
import { spawnHost } from './start-host.ts';

export const drillHosts: DrillHosts = {
  attach: (paths, env) => attach({ paths, env, startHost: (where, what) => spawnHost(where, what) }),
  start: (paths, env) => spawnHost(paths, env),
  connect: (socket) => connectSocket(socket),
};

export interface Drills {
  /** Throws when `signal` aborts or the host goes; nothing of the drill stays. */
  run(signal?: AbortSignal): AsyncGenerator<DrillItem, void, void>;
  close(): void;
}

export function createDrills(log: Log): Drills {
  const over = new AbortController();
  return {
    async *run(signal) {
      // Loaded when it is asked for: few hosts ever run a drill.
      const { runDrill } = await import('#host/drill/drill.ts');
      const either = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
      yield* runDrill({ hosts: drillHosts, log, signal: either });
    },
    close: () => over.abort(),
  };
}
