/** Keeps the files of a run's worktree after each turn that may have changed them, beside the next question and never in its way. */
import type { Hands, RepositoryPlace } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Snapshots } from './port.ts';

interface Parts {
  store: Store;
  snapshots: Snapshots;
  run: string;
  repo: RepositoryPlace;
  /** Of the worktree. */
  directory: string;
}

export interface FileKeeper {
  /** The same hands: a call that may change files waits until those before it are kept. */
  over(hands: Hands): Hands;
  /** Keeps what the last turn left. Call it when no call is made any more. */
  finish(): Promise<void>;
}

/** Tools that leave the files as they are. */
const readers: ReadonlySet<string> = new Set(['Read', 'Glob', 'Grep', 'Propose', 'Skill', 'RequestApproval']);

/** Begins at once; `finish` ends it. An earlier go may have left a turn whose files nobody has kept. */
export function keepFiles({ store, snapshots, run, repo, directory }: Parts): FileKeeper {
  let turn = lastAnswer(store, run);
  let changed = turn > 0;
  let seen: string | null = null;
  let keeping: Promise<void> = Promise.resolve();
  const deaf = store.listen((item) => {
    if (item.kind !== 'event' || !('run' in item.event) || item.event.run !== run) return;
    const { event } = item;
    // Turns are those of the run's own agent; what its subagents do meanwhile, and may still do, changes the same files.
    if (event.agent !== undefined) changed ||= event.type === 'tool.started' || event.type === 'tool.finished';
    else if (event.type === 'turn.started') keep();
    else if (event.type === 'message.finished') turn = event.turn;
    else if (event.type === 'tool.started' && !readers.has(event.name)) changed = true;
  });

  function keep(): void {
    if (!changed || turn === 0) return;
    changed = false;
    const of = turn;
    keeping = keeping.then(async () => {
      try {
        const kept = await snapshots.keep(repo, directory, run, of, seen);
        if (kept.kind === 'same') return;
        seen = kept.kind === 'kept' ? kept.seen : null;
        const [commit, why] = kept.kind === 'kept' ? [kept.commit, null] : [null, kept.why];
        store.commit((writer) => writer.append({ type: 'files.saved', run, turn: of, commit, why }));
      } catch (error) {
        // Work is worth more than the way back: who wants to go back is told why there is none.
        seen = null;
        const why = error instanceof Error ? error.message.slice(0, 500) : 'They could not be kept.';
        try {
          store.commit((writer) => writer.append({ type: 'files.saved', run, turn: of, commit: null, why }));
        } catch {
          // The session's own next commit meets the same trouble, and ends the run with the reason.
        }
      }
    });
  }

  return {
    over: (hands) => ({
      get enforced() {
        return hands.enforced;
      },
      async call(tool, ...rest) {
        if (!readers.has(tool)) await keeping;
        return hands.call(tool, ...rest);
      },
      close: () => hands.close(),
    }),
    async finish() {
      keep();
      await keeping;
      deaf();
    },
  };
}

/**
 * Of the run's own last answer; 0: nothing since it was taken back, so that its files are those of then. A turn that was
 * only begun when a host died has changed nothing.
 */
function lastAnswer(store: Store, run: string): number {
  let turn = 0;
  for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) {
    if (event.agent !== undefined) continue;
    if (event.type === 'message.finished') turn = event.turn;
    else if (event.type === 'history.rewound') turn = 0;
  }
  return turn;
}
