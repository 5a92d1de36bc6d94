/** The agent as a program sees it: what it can be given, and what comes of it. */
import type { Delta, Event } from '#contract/events.ts';
import type { Price } from '#contract/prices.ts';
import type { Question } from '#contract/questions.ts';
import type { Effort, Limits } from '#contract/routines.ts';
import type { Usage } from '#contract/runs.ts';
import type { AgentTool } from './tool.ts';

/** Tools that work in the sandbox. */
export type BuiltInTool = 'Bash' | 'Read' | 'Edit' | 'Write' | 'Glob' | 'Grep';

/** A yes or no, with what the model is told besides. */
export type Decision = boolean | { approve: boolean; note?: string };

export interface AgentOptions {
  /** Id of a model; left out: the one that runs of Nightshift use. */
  model?: string;
  /** Goes on when the model refuses. */
  fallbackModel?: string;
  /** Left out: `ANTHROPIC_API_KEY`. A model server on this machine needs none. */
  apiKey?: string;
  /** Of any server of the Messages API; left out: `ANTHROPIC_BASE_URL`, or the vendor's own. */
  baseUrl?: string;
  /** What the model costs, where Nightshift does not know: US dollars per million tokens. Without it, as the dearest known. */
  price?: Price;
  /** `medium` when left out. */
  effort?: Effort;
  /** What the model is told before all else. */
  system?: string;
  /** Names of built-in tools, which need `sandbox`, and tools of your own, in the order in which the model sees them. */
  tools?: readonly (BuiltInTool | AgentTool)[];
  /** The folder that built-in tools see and work in, and nothing else: no home directory, no key, no network but `network`. */
  sandbox?: {
    directory: string;
    /** `write` when left out. */
    access?: 'write' | 'read';
    /** Hosts, `name`, `*.name` or `name:port`, and `registry:npm` and its like. */
    network?: readonly string[];
  };
  /** Rules such as `Bash(npm test:*)`, deny before ask before allow, and what holds where none speaks: `acceptEdits` when left out. */
  permissions?: {
    mode?: 'default' | 'acceptEdits' | 'plan' | 'dontAsk';
    allow?: readonly string[];
    ask?: readonly string[];
    deny?: readonly string[];
  };
  /** Settings files of the sandbox's folder and of the person count, too. Those of an administrator always do. */
  settings?: boolean;
  /**
   * What must be asked: is denied, with the reason (the same when left out); parks the session until `Agent.answer`; or
   * is yours to decide at once.
   */
  ask?: 'deny' | 'park' | ((question: Question, signal: AbortSignal) => Decision | Promise<Decision>);
  /** Of each session, but for `dollarsPerDay`, which is of all together. What is left out is as for a routine. */
  limits?: Partial<Limits>;
  /** Folder in which sessions outlive the program; left out: they are kept in memory. One agent at a time may have it. */
  store?: string;
}

/** What happens in a session: what is stored of it, in order, and texts as they are written. */
export type AgentEvent = Event | ({ type: 'delta' } & Pick<Delta, 'agent' | 'turn' | 'channel' | 'text'>);

export interface AgentResult {
  session: string;
  /**
   * `done`: the model ended its turn. `limit`: stopped at a clean point. `parked`: on `question`. `held`: a limit of the
   * account lifts at `until`, and `Agent.resume` goes on then. `stopped`: by you.
   */
  outcome: 'done' | 'limit' | 'parked' | 'held' | 'stopped';
  /** What the model said last. */
  text: string;
  /** Of a limit: which one, and what to do about it. */
  reason?: { code: string; message: string; cure: string };
  question?: Question;
  /** ISO instant. */
  until?: string;
  /** Of the whole session so far. */
  turns: number;
  toolCalls: number;
  usage: Usage;
  /** US dollars, what is presumed of lost answers included. */
  costDollars: number;
}

/** Iterate it to hear everything as it happens; or await `result` alone. */
export interface AgentRun extends AsyncIterable<AgentEvent> {
  session: string;
  /** Rejects with a `Fault`: `model.*`, `sandbox.*`, `data.*`. */
  result: Promise<AgentResult>;
  /** Ends it at once; what was done stays, and the session can be gone on with. */
  stop(): void;
}

export interface RunOptions {
  /** Goes on with this session; left out: a new one. */
  session?: string;
  /** Aborting it stops the session, as `AgentRun.stop` does. */
  signal?: AbortSignal;
}

export interface Agent {
  /** The model that answers. */
  model: string;
  /** Says something to the agent, which begins at once. Throws `input`, `not_found`, and `conflict` while the session is at work. */
  run(prompt: string, options?: RunOptions): AgentRun;
  /** Goes on with a session that was stopped, held, or left by a process that died. Throws as `run`. */
  resume(session: string, options?: Omit<RunOptions, 'session'>): AgentRun;
  /** Answers what a session is parked on, and goes on with it. Throws as `run`, and `conflict` for a question that is answered. */
  answer(question: string, decision: Decision, options?: Omit<RunOptions, 'session'>): AgentRun;
  /** Ids of the sessions in its store, newest first, 1000 at most. */
  sessions(): string[];
  /** Stops what is at work and lets go of everything. Idempotent. */
  close(): Promise<void>;
}
