/** Watches which files a session touches, and finds the instructions that count for them and were not given yet. */
import { posix } from 'node:path';
import picomatch from 'picomatch';
import type { Event } from '#contract/events.ts';
import { workspace } from '#core/permissions/judge.ts';
import type { Waiting } from './gather.ts';

const { dirname, join, normalize, relative } = posix;

export interface Nearby {
  apply(event: Event): void;
  /** Whether any file was touched since the last `take`. */
  touched(): boolean;
  /** Folders that were touched for the first time since the last call, and rules that wait no more. */
  take(): { folders: string[]; rules: string[] };
  /** Rules that count once a file that they are about is touched. */
  expect(rules: readonly Waiting[]): void;
  /** From here on nothing was ever touched. */
  forget(): void;
}

const touching: ReadonlySet<string> = new Set(['Read', 'Edit', 'Write']);

export function createNearby(): Nearby {
  const folders = new Set<string>();
  const files = new Set<string>();
  const taken = new Set<string>();
  let fresh = false;
  let waiting: { path: string; matches: (file: string) => boolean }[] = [];

  function touch(path: unknown): void {
    if (typeof path !== 'string') return;
    const file = relative(
      workspace,
      normalize(join(workspace, path.startsWith('/') ? relative(workspace, path) : path)),
    );
    if (file === '' || file.startsWith('..')) return;
    fresh ||= !files.has(file);
    files.add(file);
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  }

  return {
    apply(event) {
      if (event.type === 'tool.started' && touching.has(event.name))
        touch((event.input as { file_path?: unknown } | null)?.file_path);
    },
    expect(rules) {
      waiting = rules.map(({ path, globs }) => ({ path, matches: picomatch(globs, { dot: true }) }));
    },
    forget() {
      for (const each of [folders, files, taken]) each.clear();
      fresh = false;
    },
    touched: () => fresh,
    take() {
      fresh = false;
      const unseen = [...folders].filter((folder) => !taken.has(`${folder}/`)).sort((a, b) => a.length - b.length);
      for (const folder of unseen) taken.add(`${folder}/`);
      const due = waiting.filter(({ path, matches }) => !taken.has(path) && [...files].some(matches));
      for (const { path } of due) taken.add(path);
      return { folders: unseen, rules: due.map(({ path }) => path) };
    },
  };
}
