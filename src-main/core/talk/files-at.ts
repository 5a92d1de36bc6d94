/** Which commit has the files of a run as they were after each of its turns, as its events tell it. */
import type { Event } from '#contract/events.ts';

export interface FilesAt {
  /** Undefined: they were not kept, and `why` may say why. Of a turn that changed nothing: those before it. */
  after(turn: number): { commit: string } | { why: string };
  /** The last that was kept, or that it began with. */
  readonly latest: string | null;
}

/** `events` of one run, oldest first. */
export function filesAt(events: readonly Event[]): FilesAt {
  const known = new Map<number, { commit: string } | { why: string }>();
  let now: { commit: string } | { why: string } = { why: 'The run has not begun.' };
  for (const event of events) {
    switch (event.type) {
      case 'run.started':
        if ('why' in now) now = { commit: event.base };
        break;
      case 'history.inherited':
      case 'history.rewound':
        now = { commit: event.files };
        break;
      case 'message.finished':
        known.set(event.turn, now);
        break;
      case 'files.saved':
        now = event.commit ? { commit: event.commit } : { why: event.why ?? 'They could not be kept.' };
        known.set(event.turn, now);
        break;
      default:
    }
  }
  return {
    after: (turn) => known.get(turn) ?? { why: `There is no turn ${turn}.` },
    latest: 'commit' in now ? now.commit : null,
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
