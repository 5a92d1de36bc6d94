/** A routine: what to do and when, as its folder (`SKILL.md` + `routine.yaml`) says it. */
import { z } from 'zod';
import { aimFields } from './aims.ts';
import { Instant } from './instants.ts';
import { Policies } from './policies.ts';
import { DueTime, Exactness, Schedule } from './schedules.ts';

/** Folder name, unit name and branch part at once, so its alphabet is the narrowest of the three. */
export const RoutineId = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$/, 'use 1 to 60 lower-case letters, digits and inner hyphens');
export type RoutineId = z.infer<typeof RoutineId>;

/**
 * What happens to a call that no rule speaks of. `default`: it is asked. `acceptEdits`: files of the worktree may be
 * changed and commands run inside the sandbox. `plan`: the worktree is read-only, so the run can only report.
 * `dontAsk`: it is denied. `auto`: a classifier decides. There is no mode that skips the rules.
 */
export const PermissionMode = z.enum(['default', 'acceptEdits', 'plan', 'dontAsk', 'auto']);
export type PermissionMode = z.infer<typeof PermissionMode>;

export const Effort = z.enum(['low', 'medium', 'high', 'xhigh', 'max']);
export type Effort = z.infer<typeof Effort>;

const wholeTurns = 'use a whole number from 1 to 500';
const someMinutes = 'use a number from 0.1 to 1440';
const someDollars = 'use a number from 0.01 to 1000';

const someRule = 'write a rule such as Bash(npm test:*) or Edit(/src/**)';
const Rules = z.array(z.string().trim().min(1, someRule).max(2000, someRule)).max(1000, 'use at most 1000 rules');

/** Permission rules of a routine, in the published grammar; deny before ask before allow. */
export const RoutineRules = z.strictObject({
  allow: Rules.default([]),
  ask: Rules.default([]),
  deny: Rules.default([]),
});
export type RoutineRules = z.infer<typeof RoutineRules>;
/** What a person changes of them; a list that is left out stays as it is. */
export const RulesChange = z.strictObject({ allow: Rules, ask: Rules, deny: Rules }).partial();

const someHost = 'write a host such as api.example.com or *.example.com:8443, or registry:npm';

/** Package registries that a run can be let read from, by the names of their ecosystems. */
export const registries = ['npm', 'yarn', 'pypi', 'crates', 'go', 'rubygems', 'maven'] as const;

/** A host that a run may reach: a name, or `*.` and a name, and a port, 443 if none is given. */
export const AllowedHost = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(:\d{1,5})?$/,
    someHost,
  )
  .max(260, someHost);

/** A host, or `registry:` and the name of a package registry, which can only be read. */
export const NetworkEntry = z.union([AllowedHost, z.templateLiteral(['registry:', z.enum(registries)])], someHost);

const someWeb = 'use search, fetch, or both';

const someDeadline = 'use a number of minutes from 1 to 43200';

const someDayDollars = 'use a number from 0.01 to 10000';
const someTokens = 'use a whole number from 1000 to 10000000000';
const someCalls = 'use a whole number from 1 to 100000';

export const Limits = z.strictObject({
  /** Model responses in one go; a revision asked for by a person starts a new count. */
  turns: z.int(wholeTurns).min(1, wholeTurns).max(500, wholeTurns).default(60),
  /** Minutes of work in one go; time while no host ran does not count. */
  minutes: z.number(someMinutes).min(0.1, someMinutes).max(1440, someMinutes).default(60),
  /** US dollars of one run, revisions included; reserved at worst case before each model call. */
  dollars: z.number(someDollars).min(0.01, someDollars).max(1000, someDollars).default(2),
  /** US dollars of all runs of the routine in one day of this machine's time zone. */
  dollarsPerDay: z.number(someDayDollars).min(0.01, someDayDollars).max(10_000, someDayDollars).default(10),
  /** Tokens of one run, all classes together; checked before each model call. */
  tokens: z.int(someTokens).min(1000, someTokens).max(1e10, someTokens).default(20_000_000),
  /** Tokens that the model writes in one run. */
  outputTokens: z.int(someTokens).min(1000, someTokens).max(1e10, someTokens).default(1_000_000),
  /** Tool calls of one run. */
  toolCalls: z.int(someCalls).min(1, someCalls).max(100_000, someCalls).default(1000),
});
export type Limits = z.infer<typeof Limits>;

const someSchedule = 'write five cron fields, words such as "every weekday at 7:30", or nightly, manual …';
const someZone = 'use an IANA name such as Europe/London, or UTC';
const someModel = 'use auto, rehearsal, or a model id';
const someCommand = 'write a shell command of at most 2000 characters, or leave the check out';

/** The whole of `routine.yaml`. */
export const RoutineSettings = z.strictObject({
  /** Cron, a preset, an interval, a one-off or plain words; see `core/calendar`. Kept in the person's own spelling. */
  schedule: z.string().trim().min(1, someSchedule).max(200, someSchedule),
  /** IANA name. */
  timeZone: z.string().min(1, someZone).max(64, someZone),
  /** Absolute path of a git repository on this machine. */
  repository: z.string().min(1, 'name the folder of a git repository').max(4096),
  branchPrefix: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*\/$/,
      'use words separated by / and ending in /, such as nightshift/',
    )
    .refine(
      (prefix) => !/\.\.|\.lock\//.test(prefix),
      'use no .. and no .lock/ in it, which git refuses in branch names',
    )
    .default('nightshift/'),
  /** `auto`: the default model where a key is there, else the rehearsal model; `rehearsal`; or a model id. */
  model: z.string().min(1, someModel).max(100, someModel).default('auto'),
  /** Goes on when the model refuses. Null or left out: the run ends then. */
  fallbackModel: z.string().min(1, someModel).max(100, someModel).nullable().optional(),
  /** A stronger model that its agent may ask for advice. Null or left out: none. */
  advisor: z.string().min(1, someModel).max(100, someModel).nullable().optional(),
  effort: Effort.default('medium'),
  permissionMode: PermissionMode.default('acceptEdits'),
  permissions: RoutineRules.prefault({}),
  /** `park`: what must be asked becomes a question, and the run waits for the answer. `deny`: it is denied, with the reason. */
  whenAsked: z.enum(['park', 'deny']).default('park'),
  /** Minutes in which a question can be answered; then it counts as denied. */
  answerWithin: z.int(someDeadline).min(1, someDeadline).max(43_200, someDeadline).default(10_080),
  /** Hosts that its runs may reach. Empty: no network at all. */
  network: z.array(NetworkEntry).max(100, 'use at most 100 hosts').default([]),
  /** What the model's own address may look up for it. Left out: nothing. The hosts of `network` bound it where there are any. */
  web: z
    .array(z.enum(['search', 'fetch'], someWeb))
    .max(2, someWeb)
    .optional(),
  /** Shell commands that prove the work; run in a sandbox before the first turn and after the last. */
  checks: z
    .array(z.string().trim().min(1, someCommand).max(2000, someCommand))
    .max(10, 'use at most 10 checks')
    .default([]),
  ...aimFields,
  /**
   * Hooks of its repository. `trusted`, or left out: only what a person said yes to is run, without it the run goes on.
   * `required`: without it the run does not begin. `off`: no hooks at all, but those that an administrator requires.
   */
  hooks: z.enum(['trusted', 'required', 'off']).optional(),
  /**
   * What its runs remember of the repository. `review`, or left out: they are given it, and what they note waits for a
   * person. `on`: it is kept when the run has ended well, unless something spoke to the agent. `off`: neither.
   */
  memory: z.enum(['on', 'review', 'off']).optional(),
  limits: Limits.prefault({}),
  paused: z.boolean().default(false),
  policies: Policies.prefault({}),
});
export type RoutineSettings = z.infer<typeof RoutineSettings>;

const someName = 'use 1 to 80 characters';

/** Characters of what an agent is told to do. */
export const longestPrompt = 100_000;

/** What a person writes. */
export const RoutineSpec = RoutineSettings.extend({
  name: z.string().trim().min(1, someName).max(80, someName),
  description: z.string().trim().max(1024, 'use at most 1024 characters').default(''),
  prompt: z
    .string()
    .trim()
    .min(1, 'write what the agent is to do')
    .max(longestPrompt, 'use at most 100,000 characters, and put what is longer into a file that the prompt names'),
});
export type RoutineSpec = z.infer<typeof RoutineSpec>;

/** Why a routine's folder cannot be used, with the place to mend. */
export const RoutineProblem = z.object({
  file: z.string(),
  /** 1-based; absent when the file itself is missing or unreadable. */
  line: z.int().positive().optional(),
  field: z.string().optional(),
  message: z.string(),
  cure: z.string().optional(),
});
export type RoutineProblem = z.infer<typeof RoutineProblem>;

/** What the operating system's scheduler holds for a routine. */
export const Registration = z.object({
  state: z.enum(['registered', 'not_needed', 'degraded', 'unavailable']),
  /** One sentence for a person: `systemd user timer, next 03:00`, or why not and the cure. */
  detail: z.string(),
});
export type Registration = z.infer<typeof Registration>;

export const Routine = z.object({
  id: RoutineId,
  folder: z.string(),
  /** Null when the folder is broken; `problem` then says why. */
  spec: RoutineSpec.nullable(),
  problem: RoutineProblem.nullable(),
  /** The schedule in words, e.g. `At 03:00 AM, every day`. */
  words: z.string(),
  /** Next due instants, soonest first; empty when paused, manual or broken. */
  next: z.array(Instant),
  registration: Registration,
  /** What a person should know of it, beside what is wrong. Not in lists. */
  notes: z.array(z.string()).optional(),
});
export type Routine = z.infer<typeof Routine>;

export const SchedulePreview = z.object({
  schedule: Schedule,
  /** The same schedule in its shortest exact spelling; reading it again gives the same instants for ever. */
  canonical: z.string(),
  words: z.string(),
  next: z.array(DueTime),
  /** How this machine's scheduler can say it. */
  exactness: Exactness,
});
export type SchedulePreview = z.infer<typeof SchedulePreview>;
