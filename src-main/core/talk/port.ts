/** Files of a worktree at a point of a session, kept beside the branch and brought back. */
import type { RepositoryPlace } from '#core/ports.ts';

/** What a worktree looked like when it was last kept; to be handed back unread. */
export type Seen = string;

export type KeptAs = number | `crew-${number}`;

export type Kept =
  /** A commit, reachable from a hidden reference of the run. */
  | { kind: 'kept'; commit: string; seen: Seen }
  /** Nothing differs from what was kept last. */
  | { kind: 'same' }
  /** In words. */
  | { kind: 'not_kept'; why: string };

/** git on the files of runs, so that nothing in a worktree can execute and nothing outside of it can get in. Throws `repo.*`. */
export interface Snapshots {
  /**
   * Keeps what git would commit of the worktree, ignored files left out, as `refs/nightshift/<run>/<turn>`. Also while the
   * run's processes are alive: what is read is a file of the worktree, or it is left out. `last`: of the keep before.
   * `crew-<n>` instead of a turn: as its nth subagent is to find them.
   */
  keep(repo: RepositoryPlace, directory: string, run: string, turn: KeptAs, last: Seen | null): Promise<Kept>;
  /** Makes the worktree's files those of `commit`; ignored files and its branch stay. Only while no process of the run is alive. */
  restore(repo: RepositoryPlace, directory: string, commit: string): Promise<void>;
  /** Whether the repository has the commit. */
  has(repo: RepositoryPlace, commit: string): Promise<boolean>;
  /** The first parent of a kept commit: where the run's branch was then. Of any other commit itself. */
  branchAt(repo: RepositoryPlace, commit: string): Promise<string>;
  /** A hidden reference of the run to `commit`, so that it stays. */
  hold(repo: RepositoryPlace, run: string, commit: string): Promise<void>;
  /** Drops all references of the run. Idempotent. */
  forget(repo: RepositoryPlace, run: string): Promise<void>;
  /** Everything that `commit` has and `base` has not, as a git bundle; empty when that is nothing. Throws `input` above `mostBytes`. */
  pack(repo: RepositoryPlace, run: string, base: string, commit: string, mostBytes: number): Promise<Uint8Array>;
  /** Puts the objects of a git bundle into the repository, each checked. Throws `input` when they are not sound or not all there. */
  unpack(repo: RepositoryPlace, bundle: Uint8Array): Promise<void>;
}
