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
  'model.thinking_invalid': 'Start it again: a new run begins without it.',
  'model.overloaded': 'Start it again later.',
  'model.stopped_oddly': 'Start it again, or a smaller task.',
};

/** For codes of several causes: only where what is said speaks of a routine or its occurrences. */
const ofRoutine: Partial<Record<Reason['code'], string>> = {
  'model.rate_limited': 'Start it again when the limit has lifted, or look at the limits of the API account.',
  'model.unreachable': 'Check the network of this machine, then start it again.',
  'limit.day': 'Raise the cap of the day with `nightshift budget set <dollars>`, or wait until tomorrow.',
};

/** The same reason, with a cure that can be followed. `begun`: it has turns that a fork can go on from. */
export function curedForTask(reason: Reason, run: string, begun: boolean): Reason {
  const flag = flags[reason.code];
  if (flag) {
    const fork = begun ? `Go on from what it did: \`nightshift runs fork ${run}\`; or start` : 'Start';
    return { ...reason, cure: `${fork} it again with a higher ${flag}.` };
  }
  if (reason.code === 'model.stream_broken' && begun)
    return { ...reason, cure: `Go on from what it did: \`nightshift runs fork ${run}\`; or start it again.` };
  const cure = again[reason.code] ?? curedBy(reason);
  return cure === undefined ? reason : { ...reason, cure };
}

function curedBy({ code, cure }: Reason): string | undefined {
  const own = cure?.replace(/`nightshift routines edit <routine> (--model \S+)`/, '`$1`');
  return own !== undefined && /routine|occurrence/.test(own) ? (ofRoutine[code] ?? own) : own;
}
