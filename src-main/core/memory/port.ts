/** What core needs of memories: the files of one repository, written whole or not at all, and offers beside them. */
import type { MemoryFile, MemoryOffer } from '#contract/memory.ts';

/** `root`: absolute, top of the repository. Names are `MemoryFileName`. */
export interface MemoryFiles {
  folder(root: string): string;
  /** Why nothing is remembered, as a settings file says; null: it is. */
  off(root: string): string | null;
  /** By name. */
  list(root: string): Promise<MemoryFile[]>;
  /** Null: there is none. */
  read(root: string, file: string): Promise<string | null>;
  /** `text` null: it is deleted. Idempotent. */
  write(root: string, file: string, text: string | null): Promise<void>;
  /** Oldest first. */
  offers(root: string): Promise<MemoryOffer[]>;
  /** Idempotent: one id is one offer. */
  keepOffer(root: string, offer: MemoryOffer): Promise<void>;
  dropOffer(root: string, id: number): Promise<void>;
}
