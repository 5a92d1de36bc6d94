/** What can be had of a run on the stage as a whole: its spans, and a file that only looks like a cassette. */
import type { Handlers } from '#contract/api.ts';
import type { Event } from '#contract/events.ts';
import { runOf } from '#contract/state.ts';
import { runCostsOf } from '#core/budget/run-costs.ts';
import { traceOf } from '#core/traces/trace.ts';

export function stagedExports(events: readonly Event[]): Pick<Handlers['runs'], 'trace' | 'costs' | 'cassette'> {
  return {
    trace: async ({ run }) =>
      traceOf(
        run,
        events.filter((event) => runOf(event) === run),
      ),
    costs: async ({ run }) =>
      runCostsOf(
        run,
        events.filter((event) => runOf(event) === run),
      ),
    cassette: async ({ run }) => ({
      name: `${run}.cassette.jsonl`,
      text: `{"run":"${run}"}\n`,
      requests: 1,
      departs: null,
    }),
  };
}
