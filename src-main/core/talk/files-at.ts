/** Which commit has the files of a run as they were after each of its turns, as its events tell it. */
import type { Event } from '#contract/events.ts';

type Files = { commit: string } | { why: string };

/** Turns from `from` on that go on from one another, and the files before the first of them. */
interface Stretch {
  from: number;
  files: Files;
}

/**
 * Files of a turn are kept while the next one is under way, so what is told of them may come after its end. A turn that
 * changed nothing has the files of the one before it. `events` of one run, oldest first.
 */
export function filesAt(events: readonly Event[]): (turn: number) => Files {
  const kept = new Map<number, Files>();
  const stretches: Stretch[] = [];
  let turns = 0;
  for (const event of events) {
    switch (event.type) {
      case 'run.started':
        if (stretches.length === 0) stretches.push({ from: 1, files: { commit: event.base } });
        break;
      case 'history.inherited':
      case 'history.rewound':
        stretches.push({ from: turns + 1, files: { commit: event.files } });
        break;
      case 'message.finished':
        // A subagent counts turns of its own.
        if (event.agent === undefined) turns = Math.max(turns, event.turn);
        break;
      case 'files.saved':
        kept.set(event.turn, event.commit ? { commit: event.commit } : { why: event.why ?? 'they could not be kept.' });
        break;
      default:
    }
  }
  return (turn) => {
    const stretch = stretches.findLast(({ from }) => from <= turn);
    if (!stretch || turn > turns) return { why: `there is no turn ${turn}.` };
    for (let at = turn; at >= stretch.from; at--) {
      const files = kept.get(at);
      if (files) return files;
    }
    return stretch.files;
  };
}

/** The commit that the worktree is to be made of before any work goes on; null: it is as it should be. */
export function filesDue(events: readonly Event[]): string | null {
  const at = events.findLastIndex(({ type }) => type === 'history.rewound' || type === 'history.inherited');
  const restored = events.findLastIndex(({ type }) => type === 'files.restored');
  const event = events[at];
  if (restored > at || (event?.type !== 'history.rewound' && event?.type !== 'history.inherited')) return null;
  return event.files;
}
