/** Starts a task: the way of a routine's run, with everything that a routine brings but its files and its times. */
import { RoutineSpec } from '#contract/routines.ts';
import { type TaskSpec, taskRoutine } from '#contract/tasks.ts';
import { openZone } from '#core/calendar/zone.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Repositories } from '#core/ports.ts';
import { readLoop } from '#core/session/loop-words.ts';
import type { Store } from '#core/store/event-log.ts';
import { requireSoundRules } from './spec-change.ts';

interface Parts {
  store: Store;
  ledger: Pick<Ledger, 'queue'>;
  repositories: Pick<Repositories, 'inspect'>;
  /** Throws `input` when somebody has forbidden what the task asks for. */
  refuseLocked(spec: RoutineSpec): void;
}

/** US dollars: tasks share one name, which must not make one wait for another's money. The cap of the run and that of all hold. */
export const dollarsPerDay = 10_000;

/** Records the run and returns its id; the caller starts it. Throws `input`, `repo.*`. */
export async function queueTask(parts: Parts, task: TaskSpec): Promise<string> {
  const { store, ledger, repositories } = parts;
  const spec = specOf(task);
  parts.refuseLocked(spec);
  requireSoundRules(spec);
  readLoop(spec.prompt);
  openZone(spec.timeZone);
  const { root } = await repositories.inspect(spec.repository);
  return store.commit((writer) => ledger.queue(writer, taskRoutine, { ...spec, repository: root }));
}

function specOf(task: TaskSpec): RoutineSpec {
  const [first = ''] = task.prompt.trim().split('\n');
  return RoutineSpec.parse({
    ...task,
    name: task.name ?? (first.length > 80 ? `${first.slice(0, 79)}…` : first),
    schedule: 'manual',
    policies: { overlap: 'parallel' },
    limits: { ...task.limits, dollarsPerDay },
  });
}
