/** Comments collected while reading; kept in this window until they are sent, all at once. */
import { useState } from 'react';
import type { Comment } from '#contract/proposals.ts';

export type Place = Pick<Comment, 'path' | 'line'>;

export interface Comments {
  /** Not sent yet. */
  drafts: readonly Comment[];
  /** Where a comment is being written; `{}` is about the whole. */
  composing: Place | null;
  compose(place: Place): void;
  cancel(): void;
  /** Adds what was written at the composing place. */
  add(text: string): void;
  drop(index: number): void;
  clear(): void;
}

export const samePlace = (a: Place, b: Place): boolean => a.path === b.path && a.line === b.line;

export function useComments(proposal: string): Comments {
  const key = `nightshift.comments.${proposal}`;
  const [drafts, setDrafts] = useState<readonly Comment[]>(() => read(key));
  const [composing, setComposing] = useState<Place | null>(null);
  const keep = (next: readonly Comment[]) => {
    setDrafts(next);
    if (next.length > 0) sessionStorage.setItem(key, JSON.stringify(next));
    else sessionStorage.removeItem(key);
  };
  return {
    drafts,
    composing,
    compose: setComposing,
    cancel: () => setComposing(null),
    add(text) {
      if (composing && text.trim()) keep([...drafts, { ...composing, text: text.trim() }]);
      setComposing(null);
    },
    drop: (index) => keep(drafts.filter((_, at) => at !== index)),
    clear: () => keep([]),
  };
}

function read(key: string): Comment[] {
  const stored = sessionStorage.getItem(key);
  return stored ? (JSON.parse(stored) as Comment[]) : [];
}
