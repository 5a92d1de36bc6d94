/** The memory as one run sees it: what is kept, with its own notes over it. */
import { createHash } from 'node:crypto';
import { memoryIndex } from '#contract/memory.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { isTrial, type Run } from '#contract/runs.ts';
import type { Store } from '#core/store/event-log.ts';
import type { MemoryBook } from '#core/tools/memory.ts';
import { createNotes } from './notes.ts';
import type { MemoryFiles } from './port.ts';
import { memoryWords } from './words.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Commits what the run is told of the memory, once. Nothing where it has none: the routine or a settings file says so. */
export async function handOverMemory(
  store: Store,
  run: Run,
  spec: RoutineSpec,
  files: MemoryFiles,
  root: string,
): Promise<void> {
  const mode = spec.memory ?? 'review';
  if (mode === 'off' || files.off(root) !== null) return;
  const known = store.events({ after: 0, run: run.id, limit: Number.MAX_SAFE_INTEGER });
  if (known.some(({ type }) => type === 'memory.loaded')) return;
  const names = (await files.list(root)).map(({ file }) => file);
  const texts = await Promise.all(names.map((file) => files.read(root, file)));
  const kept = names.map((file, at) => ({ file, sha256: sha256(texts[at] ?? '') }));
  const index = texts[names.indexOf(memoryIndex)] ?? null;
  const { text, cut } = memoryWords(
    index,
    names.filter((file) => file !== memoryIndex),
  );
  const tokens = Math.ceil(Buffer.byteLength(text) / 4);
  store.commit((writer) => writer.append({ type: 'memory.loaded', run: run.id, mode, files: kept, text, tokens, cut }));
}

/** For the tool of one session. */
export function createMemoryBook(store: Store, run: Run, files: MemoryFiles, root: string): MemoryBook {
  const notes = createNotes();
  let after = 0;
  function noted() {
    for (const event of store.events({ after, run: run.id, limit: Number.MAX_SAFE_INTEGER })) {
      after = event.seq;
      notes.apply(event);
    }
    return new Map(notes.changes().map(({ file, text }) => [file, text]));
  }
  return {
    async read(file) {
      const own = noted().get(file);
      return own === undefined ? await files.read(root, file) : own;
    },
    async names() {
      const kept = new Set((await files.list(root)).map((each) => each.file));
      for (const [file, text] of noted()) text === null ? kept.delete(file) : kept.add(file);
      return [...kept].sort();
    },
    when: isTrial(run) ? 'never' : store.records.spec(run.id)?.memory === 'on' ? 'on' : 'review',
  };
}
