/** What core needs from outside. Each is implemented in host/ on the real machine; time, model and sandbox also in test/fakes. */
import type { Message, MessageParam, Tool } from '@anthropic-ai/sdk/resources/messages';
import type { NetworkAttempt } from '#contract/egress.ts';
import type { HandsResult, HandsTool, Probe } from '#contract/hands.ts';
import type { DoctorCheck, ModelStatus } from '#contract/host.ts';
import type { ModelList } from '#contract/models.ts';
import type { Price } from '#contract/prices.ts';
import type { Commit, FileChange } from '#contract/proposals.ts';
import type { Effort, Registration, RoutineSpec } from '#contract/routines.ts';
import type { Usage } from '#contract/runs.ts';
import type { Exactness, Schedule } from '#contract/schedules.ts';
import type { Feature } from '#contract/settings.ts';
import type { RateKind } from '#contract/weather.ts';
import type { Abilities, Asked } from './abilities.ts';
import type { Rates } from './budget/prices.ts';
import type { SandboxFile, TreeEntry } from './instructions/port.ts';
import type { Judge } from './permissions/judge.ts';

/** The only source of time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fn` once, `ms` from now; the returned function cancels it and is idempotent. */
  after(ms: number, fn: () => void): () => void;
}

/** The only source of ids: `<prefix>-<time><random>`, sortable by time of creation, lower-case base 36. */
export interface Ids {
  next(prefix: 'run' | 'prop' | 'ask' | 'grant'): string;
}

/** One line of JSON per call; never a key, never message content. Never throws. */
export interface Log {
  info(what: string, facts?: Record<string, unknown>): void;
  error(what: string, error: unknown, facts?: Record<string, unknown>): void;
}

/** What a moment looks like on this machine; two of them tell what happened in between. */
export interface Moment {
  /** Differs after every start of the machine. Null: this system does not tell. */
  boot: string | null;
  /** Milliseconds since the machine started, sleep included. Null: this system does not tell. */
  uptime: number | null;
  /** As `uptime`, without the time it slept; counts on across processes. Null: this system does not tell. */
  awake: number | null;
  /** Milliseconds since the epoch at which the person's session began. Null: nobody can tell. */
  session: number | null;
}

/** Keeps the machine from going to sleep by itself. */
export interface Awake {
  /**
   * Holds it awake until the returned function is called, or this process is gone, however it went. `why`: one sentence
   * for whoever asks the system what keeps it awake. Where nothing can hold it, nothing happens. Neither throws; letting
   * go is idempotent.
   */
  hold(why: string): () => void;
}

/** What a routine may ask of its surroundings. Null: unknown, which allows it. */
export interface Conditions {
  onMains: boolean | null;
  unmetered: boolean | null;
}

/** The machine below, as far as time depends on it. Neither method throws. */
export interface Machine {
  moment(): Moment;
  /** Answers within two seconds. */
  conditions(): Promise<Conditions>;
}

/** The rules that one go of a run works by. */
export interface LoadedRules {
  judge: Judge;
  /** Hosts that rules for WebFetch name; the judge says which rule counts. Absent: none. */
  webHosts?: { allow: string[]; refuse: string[] };
  sources: { layer: string; file: string | null; rules: number }[];
  /** Rules and files that do not count, each with the reason, in words. */
  problems: string[];
}

/** Where permission rules come from: the routine, the settings of repository and person, and what an organisation forces. */
export interface Rules {
  /** Roots of the repository and of the run's worktree on this machine. Throws `input` when a setting forbids the run as it is. */
  load(
    spec: RoutineSpec,
    repository: string,
    worktree: string,
    /** Allow rules that a person granted the routine for good; asked before every call, for they can be revoked in between. */
    granted?: () => readonly string[],
    /** Path of the worktree inside the sandbox; `/workspace` when left out. */
    seenAt?: string,
  ): Promise<LoadedRules>;
}

/** What whoever administers this machine has fixed; read anew at every question. */
export interface Locks {
  /** Throws `input`, naming field, file and cure, when a routine asks for what is forbidden. */
  routine(spec: RoutineSpec): void;
  /** Throws `unsupported` when that part of the product is switched off. */
  feature(name: Feature): void;
}

export interface ModelRequest extends Asked {
  system: string;
  tools: Tool[];
  /** The whole history so far; only ever extended. */
  messages: MessageParam[];
  /** Tokens. */
  maxTokens: number;
  effort: Effort;
  /** Id of the answer before, for the report on the prompt cache. */
  previous?: string | null;
  /** Where the model can leave it out; otherwise it thinks as little as `effort` says. */
  thinking?: 'off';
  /** Nothing is sent before it resolves; what it rejects with is thrown. */
  ready?: Promise<void>;
}

/** A rate as an answer says it, its period as of the server's own clock. */
export interface HeardRate {
  kind: RateKind;
  limit: number;
  remaining: number;
  /** Milliseconds until all of it is there again. */
  resetInMs: number;
}

/** Room for one request. */
export interface Place {
  /** The request is over, or will not be made. Idempotent. */
  leave(): void;
}

export type ModelChunk =
  /** What the account allows from here on; before everything else, where the answer says it. */
  | { kind: 'limits'; rates: HeardRate[] }
  /** The answer has begun; what is known of its cost so far, charged also when the rest never comes. */
  | { kind: 'began'; usage: Usage }
  | { kind: 'delta'; channel: 'text' | 'thinking'; text: string }
  /** So much was said that is shown to nobody as it comes: input of tools, signatures. */
  | { kind: 'unshown'; bytes: number }
  | { kind: 'message'; message: Message };

export interface ResolvedModel extends Abilities {
  /** Model id, or `rehearsal`. */
  id: string;
  rehearsal: boolean;
  /** Its address is known to read from the prompt cache what it reads again within one answer. Absent: nothing says so. */
  caches?: boolean;
  /** Tokens of prompt and answer together. Absent: not known. */
  window?: number;
  /** What it costs. */
  rates: Rates;
  /** What a person should know where nobody knows its price. Absent: it is known. */
  priceNotice?: string;
  /**
   * The same of another model, by its id, that answered in its place or beside it. Absent: whoever answers costs what
   * this one does.
   */
  others?(model: string): Pick<ResolvedModel, 'rates' | 'priceNotice'>;
  /** How often, after the first time, one answer may be asked for. Who asks again reserves again. */
  retries: number;
  /** Whose limits count for it: a fingerprint of address and key, never the key. Absent: nobody limits it. */
  account?: { id: string; address: string };
  /**
   * Waits until the account has room for a request of about so many tokens of new prompt, and for its turn. To be asked
   * for before each request, and before money is reserved for it. Throws `FailedTry` where that would take long, and the
   * reason of `signal`. Absent: there is always room.
   */
  enter?(tokens: number, signal: AbortSignal): Promise<Place>;
  /**
   * Streams the response to one single request; the last chunk is the finished message. Throws `FailedTry` for whatever
   * the API or the network does; a stream that breaks in the middle is `model.stream_broken`.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelChunk>;
  /**
   * Tokens of the request's prompt, as the address counts them, which is free and may be a little off. Null: it does not
   * count. Absent: nobody can. Throws only the reason of `signal`.
   */
  count?(request: ModelRequest, signal: AbortSignal): Promise<number | null>;
}

export interface Models {
  /**
   * Which model answers for a routine's wish (`auto`, `rehearsal` or a model id). Throws `model.key_missing`, and
   * `input` where an administrator allows other models only.
   * `recording`: the routine whose run asks; it names the cassette the rehearsal model plays, without one it says that
   * it has no recording.
   */
  resolve(wish: string, recording: string): Promise<ResolvedModel>;
  /**
   * Which model gives a second opinion on what a run's own model does: a small one where the vendor's own address
   * answers, or another one that lists it; else the run's own. Null for recorded answers: they can judge nothing. Throws `model.key_missing`.
   */
  second(own: ResolvedModel): Promise<ResolvedModel | null>;
  status(): Promise<ModelStatus>;
  /** `passphraseFile`: into the encrypted file from now on. Throws `vault.unavailable`, and `input` about that file. */
  setKey(key: string, passphraseFile?: string): Promise<void>;
  forgetKey(): Promise<void>;
  /** Throws `input` when an administrator has fixed the address. */
  setBaseUrl(url: string | null): Promise<void>;
  /** What a person should know where nothing says what the model costs that a wish means; null: nothing. */
  priceNotice(wish: string): Promise<string | null>;
  /** What a person should know of a model that leaves or is gone, its successor named; null: nothing. Asks nobody. */
  lifeNotice(wish: string): Promise<string | null>;
  /** What is known of the address's models; `ask`: the address is asked first. Never throws for the address. */
  list(ask: boolean): Promise<ModelList>;
  /** What a person says that a model costs; null: what Nightshift's own table says. Wins over that table. */
  setPrice(model: string, price: Price | null): Promise<void>;
  close(): Promise<void>;
}

/** A secret that the proxy puts into requests; the run never sees it. */
export interface Credential {
  host: string;
  /** 443 when left out. */
  port?: number;
  /** Upper case. */
  methods: string[];
  /** Begins with a slash; covers itself and all paths below. */
  pathPrefix: string;
  /** Name of the one header. */
  header: string;
  /** The whole value, e.g. `Bearer …`. */
  value: string;
}

/** What a run may reach. Without it there is nothing: no proxy, no socket, no variable. */
export interface NetworkSpec {
  /** `host`, `host:port`, `*.host`, `*.host:port`; port 443 without one. */
  allow: string[];
  /** Package registries by name, for reading: `npm`, `pypi`, … */
  registries?: string[];
  /** Used only towards hosts that are allowed. */
  credentials?: Credential[];
  /** An entry of `allow` may be a loopback or private address, letter by letter: a person's own word, never a file's. */
  allowPrivate?: boolean;
  /** Bytes both ways, and requests, of the whole run; the sandbox's usual figures when left out. */
  bytes?: number;
  requests?: number;
  /** Hears of every attempt, refused ones included. Must not throw. */
  onAttempt?(attempt: NetworkAttempt): void;
}

export interface HandsSpec {
  /** Run id: names the sandbox in logs, limits and temporary paths. */
  run: string;
  /** Host path of the worktree; seen inside as `Sandbox.seenAt` says. */
  worktree: string;
  /** Host path of the repository's git directory (for a worktree: the common one); seen inside read-only. */
  gitDirectory: string;
  /** `read`: the worktree is mounted read-only. */
  access: 'write' | 'read';
  /** Absent: no network at all. */
  network?: NetworkSpec;
  /** Shown below `Sandbox.filesAt`, each with its relative path. Ignored where there is no such place. */
  files?: SandboxFile[];
}

/** Takes a piece of what a command prints; it may end in the middle of a character. */
export type Print = (stream: 'out' | 'err', chunk: Uint8Array) => void;

export interface Hands {
  /** What is enforced, one phrase each, after the probes from inside have confirmed it. */
  readonly enforced: string[];
  /** The probes from inside, each with what was seen. Only the real sandbox has them. */
  readonly probes?: Probe[];
  /**
   * Never rejects because of the tool; rejects with `sandbox.died` when the child is gone. Aborting cancels the call.
   * `print` gets what Bash prints as it comes.
   */
  call(tool: HandsTool, input: Record<string, unknown>, signal?: AbortSignal, print?: Print): Promise<HandsResult>;
  /** Ends every process of the run. Idempotent. */
  close(): Promise<void>;
}

export interface Sandbox {
  /** Throws `sandbox.unavailable` with the cure. Never falls back to running without a sandbox. */
  launch(spec: HandsSpec): Promise<Hands>;
  /** The path by which a run sees its worktree, of which the host's is given. Absent: `/workspace`, whatever it is. */
  seenAt?(worktree: string): string;
  /** Absolute folder inside, below which `HandsSpec.files` are seen. Absent: this sandbox shows no such files. */
  filesAt?: string;
  /** Can a run be started here? For doctor. `detail`: also every single thing that is enforced, and how it was seen. */
  doctor(detail?: boolean): Promise<DoctorCheck[]>;
}

/** Where a repository is. */
export interface RepositoryPlace {
  /** Absolute, links resolved: the top of the working tree. */
  root: string;
  /** Absolute path of the common git directory. */
  gitDirectory: string;
}

export interface RepositoryFacts extends RepositoryPlace {
  branch: string;
  /** Full hash of the branch's head. */
  head: string;
}

export interface Landing {
  landedAs: string;
  landedHow: 'fast_forward' | 'merge_commit' | 'cherry_picked' | 'already_contained';
}

/** git, run so that nothing in a worktree or a repository's configuration can execute. Throws `repo.*` faults. */
export interface Repositories {
  /** Throws `repo.missing`, `repo.not_a_repository`, `repo.no_commits`, `repo.detached`. */
  inspect(path: string): Promise<RepositoryFacts>;
  /** As `inspect`, whatever HEAD is. Throws `repo.missing`, `repo.not_a_repository`. */
  locate(path: string): Promise<RepositoryPlace>;
  /** New worktree at `directory` on the new branch `branch` starting at `base`. Idempotent: an existing one is kept as it is, and the answer says so. */
  addWorktree(repo: RepositoryPlace, branch: string, base: string, directory: string): Promise<'kept' | 'made'>;
  /** Clean detached checkout of `commit` at `directory`, for checks. Replaces what is there. */
  addCheckout(repo: RepositoryPlace, commit: string, directory: string): Promise<void>;
  /** Removes a worktree or checkout, whatever it holds; its branch stays. Idempotent. */
  removeWorktree(repo: RepositoryPlace, directory: string): Promise<void>;
  /** Commits everything that differs from HEAD in the worktree; null when nothing does. Ignored files stay out. */
  commitAll(repo: RepositoryPlace, directory: string, message: string): Promise<string | null>;
  head(repo: RepositoryPlace, branch: string): Promise<string | null>;
  /**
   * What the tree of `commit` holds at each of `paths` (relative, `/` between), in their order; links inside of it are
   * followed. Files above 1 MB and such that are not UTF-8 text are refused.
   */
  read(repo: RepositoryPlace, commit: string, paths: readonly string[]): Promise<TreeEntry[]>;
  commits(repo: RepositoryPlace, base: string, head: string): Promise<Commit[]>;
  files(repo: RepositoryPlace, base: string, head: string): Promise<FileChange[]>;
  /** Every symbolic link in the tree of `head`, with what it points to as stored. */
  links(repo: RepositoryPlace, head: string): Promise<{ path: string; target: string }[]>;
  /** Unified diff with `a/` and `b/` prefixes, renames detected, binary files named only. */
  patch(repo: RepositoryPlace, base: string, head: string): Promise<string>;
  /**
   * Brings `head` into branch `into` (created at `base` when missing) by fast-forward, else by a merge commit. A branch
   * that does not hold `base` gets the change from `base` to `head` alone, as one new commit (`cherry_picked`).
   * A checked-out target is moved only while its checkout is clean, else `repo.checkout_dirty`. Conflicts:
   * `repo.conflict` naming the files. Whatever is thrown, no branch and no checkout was touched. Repeating is harmless.
   */
  land(repo: RepositoryPlace, landing: { base: string; head: string; into: string; message: string }): Promise<Landing>;
  /** Deletes a branch if it still points at `head`; false when it has moved on or is checked out. Gone already: true. */
  deleteBranch(repo: RepositoryPlace, branch: string, head: string): Promise<boolean>;
}

/** One routine as the OS scheduler should know it. */
export interface Alarm {
  routine: string;
  /** For a person reading the scheduler's list. */
  name: string;
  /** When it is due by itself, in `timeZone`; `manual` for never. */
  schedule: Schedule;
  timeZone: string;
  /** Wake the sleeping machine for it, where the OS can. */
  wake?: boolean;
  /** One-off instants, milliseconds since the epoch, in the future. */
  once: number[];
}

/** The OS's alarm clock. It only wakes `nightshift due`; it never knows what to run. */
export interface Scheduler {
  /** Makes the OS hold exactly these alarms of this data directory: writes differences, one reload, reads back. Never throws. */
  sync(alarms: Alarm[]): Promise<Map<string, Registration>>;
  /**
   * What the OS says at this moment of one routine that the last `sync` asked for. Null: nothing newer than that `sync` is
   * known. Absent: this OS never tells more. Never throws.
   */
  look?(routine: string): Promise<Registration | null>;
  /** How this OS can say a schedule. Throws what the calculator throws. */
  exactness(schedule: Schedule, timeZone: string): Exactness;
  /** What the OS holds beside what the last `sync` asked for; changes nothing. Never throws. */
  doctor(): Promise<DoctorCheck[]>;
  /** Mends what `doctor` finds amiss, then says what it finds. */
  heal(): Promise<DoctorCheck[]>;
}

/** A place in a run's audit chain that a checkpoint stands for. */
export interface Seal {
  run: string;
  seq: number;
  /** SHA-256, hexadecimal. */
  hash: string;
}

/** Writes what was committed into a chain of records that nobody can change unseen. Follows the store by itself. */
export interface Audit {
  /** Everything committed about the run is in its chain, up to a checkpoint. Null where that cannot be. Never throws. */
  seal(run: string): Promise<Seal | null>;
  /** Writes what is left. Never throws. */
  close(): Promise<void>;
}
