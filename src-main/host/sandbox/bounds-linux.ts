/** Every control group that one sandbox can be put into here, as one: our own where we may make it, else systemd's. */
import { type Group, openGroup } from './cgroup-linux.ts';
import type { Limits } from './limits.ts';
import { findSystemd, openScope } from './scope-linux.ts';

/** Null: there is none to be had; then the memory of all processes is added up from outside. */
export async function openBounds(name: string, limits: Limits): Promise<Group | null> {
  const own = await openGroup(name, limits);
  if (own?.bounds.memory) return own;
  const ask = findSystemd();
  const scope = ask && openScope(name, limits, ask);
  if (!own || !scope) return own ?? scope;
  return {
    kind: scope.kind,
    get bounds() {
      return {
        processes: own.bounds.processes || scope.bounds.processes,
        memory: scope.bounds.memory,
      };
    },
    async enter(pids) {
      await Promise.all([own.enter(pids), scope.enter(pids)]);
    },
    holds: async (pids) => (await own.holds(pids)) && (!scope.bounds.memory || (await scope.holds(pids))),
    killed: scope.killed,
    remove: own.remove,
  };
}
