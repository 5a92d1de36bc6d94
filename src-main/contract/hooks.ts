/** Commands that a repository, a person or an administrator wants run at certain moments of a session: hooks, in the ecosystem's shape. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { InstructionLayer, InstructionProblem } from './instructions.ts';

/** Of the published moments those that there are here. */
export const hookMoments = [
  ...(['SessionStart', 'UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'PreCompact'] as const),
  ...(['Notification', 'Stop', 'SubagentStart', 'SubagentStop', 'SessionEnd'] as const),
] as const;
export const HookMoment = z.enum(hookMoments);
export type HookMoment = z.infer<typeof HookMoment>;

export const Hook = z.object({
  moment: HookMoment,
  /** As written; empty: always. */
  matcher: z.string(),
  /** For bash, in the worktree, inside the sandbox of the run. */
  command: z.string(),
  /** Seconds. */
  timeout: z.number().positive(),
  layer: InstructionLayer,
  /** In the repository, or absolute. */
  file: z.string(),
  /**
   * `runs`; `untrusted`: nobody has said yes to what the repository has now; `off`: a settings file or the routine
   * switches it off.
   */
  state: z.enum(['runs', 'untrusted', 'off']),
});
export type Hook = z.infer<typeof Hook>;

/** What a person says yes to. */
export const HookTrust = z.object({
  /** SHA-256 over the repository's hooks and the files of it that they name. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Files of the repository that the commands name, and that count as part of them. */
  scripts: z.array(z.string()),
  /** Null: nobody has said yes to exactly these. */
  trustedAt: Instant.nullable(),
});
export type HookTrust = z.infer<typeof HookTrust>;

export const HookPreview = z.object({
  repository: z.string(),
  /** Full hash of the commit whose hooks these are. */
  commit: z.string(),
  hooks: z.array(Hook),
  /** Null: the repository has no hooks. */
  trust: HookTrust.nullable(),
  problems: z.array(InstructionProblem),
});
export type HookPreview = z.infer<typeof HookPreview>;

/**
 * What came of one hook. `blocked`: it ended with 2, which says no. Everything from `failed` on decides nothing, unless
 * the hook asks for `onFailure: block`. `changed`: a file that it names is not what was trusted any more; it was not run.
 */
export const HookOutcome = z.enum([
  ...(['ok', 'blocked', 'failed', 'missing', 'timed_out', 'too_long', 'not_json', 'changed'] as const),
]);
export type HookOutcome = z.infer<typeof HookOutcome>;

/** In words, for a person; null for what went as it should. */
export function hookOutcomeWords(outcome: HookOutcome, exitCode: number | null): string | null {
  const words: Record<HookOutcome, string | null> = {
    ok: null,
    blocked: null,
    failed: exitCode === null ? 'it did not end by itself' : `it ended with ${exitCode}`,
    missing: 'there is no such command in the sandbox',
    timed_out: 'it took longer than it may',
    too_long: 'it printed more than counts',
    not_json: 'what it printed begins like JSON and is none that a hook may say',
    changed: 'a file that it names is not what was trusted any more, so it was not run',
  };
  return words[outcome];
}

/** The strongest counts. `allow` counts for nothing here: the rules decide. `stop`: the session ends at once. */
export const HookDecision = z.enum(['allow', 'ask', 'deny', 'block', 'stop']);
export type HookDecision = z.infer<typeof HookDecision>;
