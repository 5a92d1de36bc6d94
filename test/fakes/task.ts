/** A task on a runtime of real parts, for tests of what people do with its session. */
import type { RoutineSpec } from '#contract/routines.ts';
import { TaskSpec } from '#contract/tasks.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { createSnapshots } from '#host/git/snapshots.ts';
import { handingOver } from '#host/handover/methods.ts';
import { realRuntime, type Setting } from './real-runtime.ts';

/** `task`: what differs from a plain one. */
export async function taskRuntime({ routine, ...setting }: Setting = {}) {
  const product = await realRuntime(setting);
  const { handlers, repository } = product;
  const spec = (own: Partial<RoutineSpec> = {}) =>
    TaskSpec.parse({
      ...{ prompt: 'Mend it.', repository: repository.root, model: 'claude-opus-5-5', timeZone: 'UTC' },
      ...{ ...routine, ...own },
    });
  const { runtime, secrets } = product;
  const trees = { repositories: createRepositories({ env: process.env }), snapshots: createSnapshots(process.env) };
  return {
    ...product,
    handing: handingOver({ ...{ runtime, secrets, version: '0.0.0' }, ...trees }),
    async start(own: Partial<RoutineSpec> = {}) {
      return (await handlers.runs.start({ task: spec(own) })).run;
    },
  };
}
