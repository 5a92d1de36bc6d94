/** What goes on by itself is ended where its run is taken back: subagents, and loops of later turns. */
import type { Event } from '#contract/events.ts';
import type { Run } from '#contract/runs.ts';
import { createClosing } from '#core/agents/work.ts';
import { createLoops } from '#core/session/loops.ts';
import type { Store, Writer } from '#core/store/event-log.ts';

/** Call it in the commit that takes the run back, after its event. */
export function leaveBehind(store: Store, writer: Writer, { id, agents = [] }: Run, turn: number): void {
  // The files are others now, so nobody goes on with what was being done to them.
  const ending = { outcome: 'stopped' as const, code: 'run.rewound', text: 'Its run went back to an earlier turn.' };
  const open = agents.flatMap((agent) => (agent.state === 'working' || agent.state === 'waiting' ? [agent.id] : []));
  const events = store.events({ after: 0, run: id, limit: Number.MAX_SAFE_INTEGER });
  const closing = createClosing(store, open);
  for (const event of events) closing.apply(event);
  for (const agent of open) closing.end(writer, id, agent, ending);
  for (const loop of loopsSince(events, turn)) writer.append({ type: 'loop.ended', run: id, loop, why: 'left_behind' });
}

/** Those that are alive and were set up after the turn. */
function loopsSince(events: readonly Event[], turn: number): string[] {
  const { loops, apply } = createLoops();
  const before = new Set<string>();
  let now = 0;
  for (const event of events) {
    apply(event);
    if (event.type === 'message.finished' && event.agent === undefined) now = event.turn;
    if (event.type === 'loop.created' && now <= turn) before.add(event.loop);
  }
  return loops.alive.flatMap(({ id }) => (before.has(id) ? [] : [id]));
}
