/** The next step after a task that ended short: a task has no routine whose settings could be changed. */
import type { Reason } from '#contract/runs.ts';

const flags: Partial<Record<Reason['code'], string>> = {
  'limit.turns': '--turns',
  'limit.time': '--minutes',
  'limit.tokens': '--tokens',
  'limit.output': '--output-tokens',
  'limit.tool_calls': '--tool-calls',
  'limit.dollars': '--budget',
};

const again: Partial<Record<Reason['code'], string>> = {
  'model.unknown': 'Start it again with another --model, or correct the address with `nightshift model base-url`.',
  'model.refused': 'Reword the task, choose another --model, or name one that goes on: --fallback-model.',
  'model.context_full': 'Start a smaller task, or choose a --model with a larger context.',
};

/** The same reason, with a cure that can be followed. `begun`: it has turns that a fork can go on from. */
export function curedForTask(reason: Reason, run: string, begun: boolean): Reason {
  const flag = flags[reason.code];
  if (flag) {
    const fork = begun ? `Go on from what it did: \`nightshift runs fork ${run}\`; or start` : 'Start';
    return { ...reason, cure: `${fork} it again with a higher ${flag}.` };
  }
  const cure = again[reason.code] ?? reason.cure?.replace(/`nightshift routines edit <routine> (--model \S+)`/, '`$1`');
  return cure === undefined ? reason : { ...reason, cure };
}
