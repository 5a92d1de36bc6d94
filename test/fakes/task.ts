/** A task on a runtime of real parts, for tests of what people do with its session. */
import type { RoutineSpec } from '#contract/routines.ts';
import { TaskSpec } from '#contract/tasks.ts';
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
  return {
    ...product,
    async start(own: Partial<RoutineSpec> = {}) {
      return (await handlers.runs.start({ task: spec(own) })).run;
    },
  };
}
