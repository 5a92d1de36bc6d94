/** What a run that goes on from another one is given of its record beside the conversation: what was offered, and what spoke to the agent. */
import type { Draft, Event } from '#contract/events.ts';
import { createThreads } from '#core/agents/threads.ts';
import { createWitness, type Taint } from '#core/permissions/witness.ts';
import type { History } from '#core/session/conversation.ts';
import { createLoops } from '#core/session/loops.ts';

export interface PassedOn {
  /** To be told before the conversation, which holds their words already. */
  offered: Draft[];
  taints: Draft[];
  /** What the agent is told of those who went on by themselves; null: there were none. */
  left: string | null;
}

/** In which run, and what it was there. */
type From = Pick<Event & { type: 'run.tainted' }, 'run' | 'call' | 'sign' | 'excerpt' | 'inherited'>;

/** As what the heir has on record; its run is named by whoever commits it. */
export function taintFrom({ run, call, sign, excerpt, inherited }: From, source: Taint['source']): Draft {
  return { type: 'run.tainted', run, call, sign, excerpt, inherited: inherited ?? { run, source } };
}

/** Of a whole run's events, oldest first, up to the point where `history` stands. `files`: the commit that the heir begins with. */
export function passedOn(events: readonly Event[], history: Readonly<History>, files: string): PassedOn {
  return {
    offered: offeredAt(events, history),
    left: leftWith(events.filter(({ seq }) => seq <= history.through)),
    taints: taintsAmong(events, (event) => event.seq <= lastOf(event, events, history, files)),
  };
}

/**
 * A taint is passed on when it was there at the turn that is gone on from: then what tainted is part of the conversation,
 * or the run had been taken back from it. A run that was taken back stays tainted, and so do forks of its later turns: its
 * ignored files, its notes and its processes have seen what followed. A fork of a turn before the taint has a worktree of
 * its own, made of a commit of before, and none of that; so it is not tainted.
 */
export function taintsAmong(events: readonly Event[], counts: (event: Event) => boolean): Draft[] {
  const { sourceOf, apply } = createWitness();
  const taints: Draft[] = [];
  for (const event of events) {
    apply(event);
    if (event.type === 'run.tainted' && counts(event)) taints.push(taintFrom(event, sourceOf(event.call)));
  }
  return taints;
}

/** Subagents go on while the files of a turn are kept, so what had spoken to them by then may be in these. */
function lastOf(event: Event, events: readonly Event[], { through }: Readonly<History>, files: string): number {
  if (event.agent === undefined) return through;
  const saved = events.findLast((each) => each.type === 'files.saved' && each.commit === files);
  return Math.max(through, saved?.seq ?? 0);
}

/** Its conversation says of them that they come again, or bring their results by themselves. */
function leftWith(events: readonly Event[]): string | null {
  const { loops, apply: loop } = createLoops();
  const { threads, apply: thread } = createThreads();
  for (const event of events) {
    loop(event);
    thread(event);
  }
  const open = [...threads.values()].filter(({ ended, told }) => !ended || !told);
  const names = [...loops.alive, ...open].map(({ id }) => id);
  if (names.length === 0) return null;
  return `Nightshift: this is a new run, and ${names.join(', ')} stayed with the one before: nothing of theirs comes to you.`;
}

/** The same tools, so that the prefix is the one that is in the cache; a summary has left these words as they were, too. */
function offeredAt(events: readonly Event[], { through, instructions }: Readonly<History>): Draft[] {
  const own = events.filter(({ seq, agent }) => seq <= through && agent === undefined);
  const tools = own.findLast((event) => event.type === 'tools.offered');
  return own.flatMap((event): Draft[] => {
    const { seq: _, at: __, ...draft } = event;
    if (draft.type === 'memory.loaded') return [draft];
    // What was told on a way that was left behind is not known any more.
    if (draft.type === 'instructions.loaded')
      return draft.occasion === 'start' || instructions.includes(draft.text) ? [draft] : [];
    if (draft.type !== 'tools.offered' || event !== tools) return [];
    const { refused: ___, ...offer } = draft;
    return [offer];
  });
}
