/** What a run has noted so far, found in its own calls: nothing of it is kept before the run is over. */
import type { Event } from '#contract/events.ts';
import { MemoryChange } from '#contract/memory.ts';

export interface Notes {
  /** The latest of each file since the last offer. */
  changes(): MemoryChange[];
  /** Something of it spoke to the agent. */
  tainted(): boolean;
  /** Whether what is noted may be kept without a person; null: the run has no memory. */
  mode(): 'on' | 'review' | null;
  /** SHA-256 of each file as the run found it. */
  found(): ReadonlyMap<string, string>;
}

/** Folds a run's committed events, oldest first. */
export function createNotes(): Notes & { apply(event: Event): void } {
  const open = new Map<string, MemoryChange>();
  let noted = new Map<string, MemoryChange>();
  let [tainted, mode, found]: [boolean, 'on' | 'review' | null, Map<string, string>] = [false, null, new Map()];
  return {
    changes: () => [...noted.values()],
    tainted: () => tainted,
    mode: () => mode,
    found: () => found,
    apply(event) {
      if (event.type === 'memory.loaded') {
        mode = event.mode;
        found = new Map(event.files.map(({ file, sha256 }) => [file, sha256]));
      } else if (event.type === 'run.tainted') tainted = true;
      else if (event.type === 'memory.offered') noted = new Map();
      else if (event.type === 'tool.started' && event.name === 'Memory') {
        const change = changeIn(event.input);
        if (change) open.set(event.call, change);
      } else if (event.type === 'tool.finished' && event.ok && event.code === null) {
        const change = open.get(event.call);
        if (!change) return;
        noted.delete(change.file);
        noted.set(change.file, change);
      }
    },
  };
}

function changeIn(input: unknown): MemoryChange | null {
  const { action, file, content } = (input ?? {}) as { action?: unknown; file?: unknown; content?: unknown };
  if (action !== 'write' && action !== 'forget') return null;
  return MemoryChange.safeParse({ file, text: action === 'write' ? content : null }).data ?? null;
}
