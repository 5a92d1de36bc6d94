/** Runs in the host's log: one line for each thing that happened in one, with ids, codes and counts, and what was said only where it is asked for. */
import type { Event, EventType } from '#contract/events.ts';
import type { Usage } from '#contract/runs.ts';
import type { Log } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { toolbox } from '#core/tools/toolbox.ts';

type Of<T extends EventType> = Extract<Event, { type: T }>;
type Facts = { [T in EventType]?: (event: Of<T>) => Record<string, unknown> };

const paid = ({ usage, costMicros }: { usage: Usage; costMicros: number }) => ({ ...usage, costMicros });

/** Ids, codes, names and figures of our own; never a field that a model, a program or a person fills. */
const table: Facts = {
  'run.queued': ({ routine, trigger }) => ({ routine, trigger: trigger.kind }),
  'run.dispatched': ({ attempt }) => ({ attempt }),
  'run.started': ({ model, rehearsal, permissionMode }) => ({ model, rehearsal, permissionMode }),
  'run.resumed': ({ why }) => ({ why }),
  'run.parked': ({ question, until }) => ({ question, until }),
  'run.held': ({ until, wait }) => ({ until, wait }),
  'run.waiting': ({ until }) => ({ until }),
  'run.tainted': ({ call }) => ({ call }),
  'run.ended': ({ outcome, reason, proposal }) => ({ outcome, code: reason?.code, proposal }),
  'checks.finished': ({ phase, round }) => ({ phase, passed: round.results.map(({ passed }) => passed) }),
  'model.retrying': ({ turn, attempt, status, waitMs }) => ({ turn, attempt, status, waitMs }),
  'model.switched': ({ from, to }) => ({ from, to }),
  'message.finished': (event) => ({ turn: event.turn, stopReason: event.stopReason, ...paid(event) }),
  'answer.lost': (event) => ({ turn: event.turn, ...paid(event) }),
  'history.compacted': (event) => ({ why: event.why, before: event.before, ...paid(event) }),
  'side.answered': (event) => ({ purpose: event.purpose, model: event.model, ...paid(event) }),
  'cost.presumed': ({ purpose, costMicros, why }) => ({ purpose, costMicros, why }),
  'permission.decided': ({ call, tool, decision, code }) => ({ call, tool: named(tool), decision, code }),
  'tool.finished': ({ call, ok, code, view }) => ({
    call,
    ok,
    code,
    ...(view.kind === 'terminal' ? { exitCode: view.exitCode, milliseconds: view.milliseconds } : {}),
  }),
  'goal.judged': ({ round, verdict, progress, unjudged }) => ({ round, verdict, progress, unjudged }),
  'outcome.graded': ({ iteration, result }) => ({ iteration, result }),
  'net.attempted': ({ decision, code, bytesOut, bytesIn }) => ({ decision, code, bytesOut, bytesIn }),
  'proposal.opened': ({ proposal }) => ({ proposal: proposal.id, revision: proposal.revision }),
  'proposal.revised': ({ proposal }) => ({ proposal: proposal.id, revision: proposal.revision }),
  'proposal.approved': ({ proposal, landedHow }) => ({ proposal, landedHow }),
  'proposal.rejected': ({ proposal }) => ({ proposal }),
};

/** A model may call a tool by any words. */
const named = (tool: string) => (toolbox.some(({ name }) => name === tool) ? tool : 'other');

/** From now on, until the returned function is called. `content`: each line also has the whole event, freed of secrets by the log. */
export function logRuns(store: Pick<Store, 'listen'>, log: Log, content: boolean): () => void {
  return store.listen((item) => {
    if (item.kind !== 'event' || !('run' in item.event)) return;
    const { event } = item;
    const facts = table[event.type] as ((event: Event) => Record<string, unknown>) | undefined;
    if (!facts && !content) return;
    log.info(event.type, { run: item.event.run, seq: event.seq, ...facts?.(event), ...(content ? { event } : {}) });
  });
}
