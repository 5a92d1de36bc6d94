/** What a session needs of those who work for it: the subagents that it starts, and whoever it asks for advice. */
import type { Draft } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import type { Store } from '#core/store/event-log.ts';
import type { ToolOutcome } from '#core/tools/tool.ts';
import type { PendingCall } from './conversation.ts';

export interface Crew {
  /**
   * What one call of its tools is about to do. `drafts` is called in the commit in which the call begins, and may still say
   * no. Throws only the reason of the session's signal.
   */
  plan(call: PendingCall, input: unknown): Promise<{ drafts(): Draft[] | ToolOutcome } | ToolOutcome>;
  /**
   * What came of a call that has begun, now or under an earlier host. A question: whoever was to do it waits for a person,
   * and so does everybody else in the run. Throws the failed try on which they all wait for a limit, and the reason of `cut`:
   * whoever works for this call alone is stopped by then, and those in the background work on.
   */
  result(call: PendingCall, input: unknown, cut: AbortSignal): Promise<ToolOutcome | Question>;
  /** Somebody in the background works, or has a result that was not told yet. */
  busy(): boolean;
  /** Goes on with those in the background, and commits what they have to tell. Throws what broke one of them. */
  catchUp(): void;
  /** Until one in the background has ended its turn, or nobody can go on: then the question. Throws as `result`. */
  rest(cut: AbortSignal): Promise<Question | null>;
  /** Nobody begins another turn: they are gone on with by the next session. */
  pause(): Promise<void>;
  /** All of them are broken off. Idempotent. */
  stop(): Promise<void>;
}

/** The session that it works for. */
export interface Lead {
  store: Store;
  signal: AbortSignal;
}

/** The session is that of a subagent. */
export interface AsThread {
  /** Its id. */
  id: string;
  system: string;
  /** True: no turn is to be begun any more. */
  paused(): boolean;
}
