/** What a session is made of, and how it ends. */
import type { FaultCode } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Purse } from '#core/budget/purse.ts';
import type { Hooks } from '#core/hooks/hooks.ts';
import type { HandOver } from '#core/instructions/hand-over.ts';
import type { Inspect } from '#core/permissions/injection-probe.ts';
import type { Judge } from '#core/permissions/judge.ts';
import type { Clock, Hands, Ids, ResolvedModel } from '#core/ports.ts';
import type { SkillBook } from '#core/skills/book.ts';
import type { Store } from '#core/store/event-log.ts';
import type { MemoryBook } from '#core/tools/memory.ts';
import type { OwnTools } from '#core/tools/toolbox.ts';
import type { AsThread, Crew, Lead } from './crew.ts';
import type { CutIn } from './cut-in.ts';
import type { Spoken } from './spoken.ts';
import type { doCall } from './tool-call.ts';
import type { recordWebUse } from './web-use.ts';

export interface SessionParts {
  store: Store;
  clock: Clock;
  ids: Ids;
  model: ResolvedModel;
  /** The model that goes on when this one refuses; null: none. */
  fallback?: () => Promise<ResolvedModel | null>;
  /** Of the rules that this go works by. */
  judge: Judge;
  /** Looks through what a call brought back. Left out: by signs alone. */
  inspect?: Inspect;
  /** Left out: nothing can be called. */
  skills?: SkillBook;
  /** Left out: the run has none. */
  memory?: MemoryBook;
  /** Left out: no instruction files beside those of the beginning. */
  handOver?: HandOver;
  /** Left out: none. */
  hooks?: Hooks;
  purse: Purse;
  hands: Hands;
  /** Does a tool call, or asks, and commits what came of it. Left out: gate and hands do; a replay reads it from its tape. */
  doCall?: typeof doCall;
  /** The same for what the model's address looked up. */
  recordWebUse?: typeof recordWebUse;
  /** Path of the worktree inside the sandbox; `/workspace` when left out. */
  seenAt?: string;
  /** Of a program that embeds the agent; left out: the tools of a run. */
  own?: OwnTools;
  /** What the model is told before all else, constant for a session; left out: how a run works. */
  system?: string;
  run: string;
  /** Left out: the session is the run's own. */
  thread?: AsThread;
  /** Those who work for it, for as long as it goes on. Left out: it works alone. */
  crew?: (lead: Lead) => Crew;
  /** What would leave the machine is recorded instead of done. Absent: an ordinary run. */
  trial?: boolean;
  spec: RoutineSpec;
  signal: AbortSignal;
}

/** How a session ended. `limit`: at a clean point, with the work kept. `parked`: for now; its question is stored. */
export type SessionEnd =
  | { kind: 'parked'; question: string }
  /** For now, until a limit of the account lifts; that is stored. */
  | { kind: 'held'; until: string }
  | { kind: 'finished'; proposing: unknown; lastText: string }
  | { kind: 'limit'; code: FaultCode; message: string; cure: string; proposing: unknown; lastText: string };

/** As the session works: with those who work for it, and a person's way into it. */
export interface Working extends SessionParts {
  hired: Crew | undefined;
  spoken: Readonly<Spoken>;
  cutIn: CutIn;
}
