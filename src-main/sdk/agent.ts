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

/** A kind of subagent: one that the agent may give a part of its work to. It works within the agent's rules, limits and money. */
export interface SubagentKind {
  /** For the agent: what it is for, 1 to 1,536 characters. */
  description: string;
  /** What it is told before all else, at most 200,000 characters. */
  prompt: string;
  /** Names of tools of the agent, and `Agent` where it may start others itself; left out: all of the agent's. */
  tools?: readonly string[];
  /** Id of a model, or `haiku`, `sonnet`, `opus`; left out: the agent's. */
  model?: string;
  /** Left out: the agent's. */
  effort?: Effort;
  /** Narrower than the agent's: left out, or wider, it is the agent's. */
  mode?: 'default' | 'plan' | 'dontAsk';
  /** Answers in one go, 1 to 500; left out, or more: those of `limits.turns`. */
  turns?: number;
  /** It works while the agent goes on, unless the agent says otherwise; `false` when left out. */
  background?: boolean;
  /** Skills of `project` whose text it begins with. */
  skills?: readonly string[];
}

/** When a session is done. Whenever the agent ends its turn it is judged by another model in a fresh context, and goes on until it holds. */
export interface Goal {
  /** At most 4,000 characters. Met only with a quote from what tools brought back or a check printed. */
  condition: string;
  /** At most 10 commands, run in a sandbox of their own in the agent's folder; no judge overrules one that fails. */
  checks?: readonly string[];
  /** Rounds in a row in which nothing changes, 1 to 20, before it is given up, or asked as `ask` says; 3 when left out. */
  rounds?: number;
}

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
  /**
   * Folder whose files tell the agent how to work, as they are when a session begins: `CLAUDE.md`, `AGENTS.md`,
   * `.claude/rules`, skills and commands (`.claude/skills`, `.claude/commands`, which the agent calls), and kinds of
   * subagents (`.claude/agents`, with `agents`). Of the sandbox's own folder also files of folders that it comes to. Hooks
   * are not run. Left out: none.
   */
  project?: string;
  /**
   * Subagents that it may give parts of its work to, by name in lower case: these, those of `project`, and
   * `general-purpose`, `explore` and `verifier`. `true`: without any of your own. At most 16 at once and 25 in a session.
   * Left out: it works alone.
   */
  agents?: boolean | Readonly<Record<string, SubagentKind>>;
  /** Of each session. Left out: it is done when the agent says so. */
  goal?: Goal;
  /**
   * Rules such as `Bash(npm test:*)`, deny before ask before allow, and what holds where none speaks: `acceptEdits` when
   * left out. `auto`: a second model decides about what can change something, which sees your words and the calls, never
   * what they brought back; where it cannot be asked, you are.
   */
  permissions?: {
    mode?: 'default' | 'acceptEdits' | 'plan' | 'dontAsk' | 'auto';
    allow?: readonly string[];
    ask?: readonly string[];
    deny?: readonly string[];
  };
  /**
   * Settings files of the sandbox's folder and of the person count, too, and with `project` what else tells the person's
   * agents how to work. Settings of an administrator always do.
   */
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
  /** How the goal stands; absent without one, and before it was judged. */
  goal?: {
    verdict: 'met' | 'not_yet' | 'impossible';
    reason: string;
    /** Found word for word in what the judge saw; null: nothing that holds. */
    quote: string | null;
    /** How often it was judged since you last said something. */
    rounds: number;
  };
  /** ISO instant. */
  until?: string;
  /** Of the whole session so far, its subagents included. */
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
