/** What a crew is made of, and what all who belong to it share. */
import type { AgentId } from '#contract/agents.ts';
import type { Question } from '#contract/questions.ts';
import type { Sources } from '#core/instructions/gather.ts';
import type { Inspect } from '#core/permissions/injection-probe.ts';
import type { Judge } from '#core/permissions/judge.ts';
import type { Hands, ResolvedModel } from '#core/ports.ts';
import type { SessionParts } from '#core/session/parts.ts';
import type { KindBook } from './book.ts';
import type { Running } from './running.ts';
import type { Thread } from './threads.ts';

export interface CrewParts {
  /** Those of the run's own session, from which those of its subagents are made. */
  session: Omit<SessionParts, 'crew' | 'thread' | 'handOver'>;
  kinds: KindBook;
  /** What a subagent is told before all else, of what its kind says. Left out: how one of a run works. */
  system?(body: string): string;
  sources: Sources;
  /** Throws as `Models.resolve`. What should be known of its price is said. */
  resolve(wish: string): Promise<ResolvedModel> | ResolvedModel;
  /** The branch of the run, and places for subagents that work beside it. Left out: there are none. */
  place?: {
    branch: string;
    /** What its `n`th subagent begins with, by the files of the run as they are now. Throws `repo.*`. */
    beginning(n: number): Promise<Beginning>;
    /** Throws `repo.*` and `sandbox.*`. */
    open(work: ThreadWork): Promise<OwnPlace>;
  };
}

export interface Beginning {
  /** Full hash. */
  commit: string;
  /** Why what the run has changed and not committed is not in it; null: it is. */
  without: string | null;
}

export interface ThreadWork {
  agent: AgentId;
  work: { branch: string; base: string };
}

/** A worktree of its own, with its hands and the rules as they are there. */
export interface OwnPlace {
  hands: Hands;
  judge: Judge;
  inspect: Inspect;
  seenAt: string;
  /** Commits what was changed and takes the worktree away. Null: nothing was. `why`: for the commit. */
  keep(why: string): Promise<{ head: string; patch: string } | null>;
  /** Leaves everything as it is. */
  close(): Promise<void>;
}

/** Of one session of the run and all that work for it, as long as it goes on. */
export interface Shared extends CrewParts {
  /** Alive. */
  threads: ReadonlyMap<AgentId, Thread>;
  running: Running<Question>;
  /** Of the run's own session. */
  signal: AbortSignal;
  /** Nobody is to begin another turn. */
  paused(): boolean;
  /** Those who are being stopped by themselves. */
  stopping: Map<AgentId, AbortController>;
}

/** Subagents of one run, in its whole life, and of these at work at once. */
export const mostThreads = 25;
export const mostAtOnce = 16;
/** Subagents of subagents: 1 is one of the run's own agent. */
export const deepest = 3;
