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

/** Runs that are looked through for a key: whoever asks again does so at once. */
const lately = 100;

/**
 * Records the run and returns its id; the caller starts it. With the key of one that was started lately: the id of that
 * one, whatever is asked. Throws `input`, `repo.*`.
 */
export async function queueTask(parts: Parts, task: TaskSpec, key?: string): Promise<string> {
  const { store, ledger, repositories } = parts;
  const known = () => (key === undefined ? undefined : withKey(store, key));
  const before = known();
  if (before) return before;
  const spec = specOf(task);
  parts.refuseLocked(spec);
  requireSoundRules(spec);
  readLoop(spec.prompt);
  openZone(spec.timeZone);
  const { root } = await repositories.inspect(spec.repository);
  return store.commit((writer) => known() ?? ledger.queue(writer, taskRoutine, { ...spec, repository: root }, { key }));
}

function withKey(store: Store, key: string): string | undefined {
  const runs = store.read.runs({ routine: taskRoutine, limit: lately });
  return runs.find(({ trigger }) => trigger.kind === 'person' && trigger.key === key)?.id;
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
