/** What the session asks before each tool call, and what it is told: go on, do not, or ask a person. */
import type { Tool } from '#core/tools/tool.ts';

/** Where the worktree is seen inside the sandbox. */
export const workspace = '/workspace';

export interface Verdict {
  decision: 'allow' | 'ask' | 'deny';
  /** Machine-readable why; null for what is simply allowed. */
  code: string | null;
  /** The same for a person, one sentence. */
  why: string;
  /** What the model should do instead; null when there is nothing to say. */
  hint: string | null;
  /** The rule that decided, as written, and the file or layer it stands in; null when none did. */
  rule: string | null;
  source: string | null;
  /** The part of a compound command, and the file, that decided. */
  segment: string | null;
  path: string | null;
  /** Asked: whether a person's yes would help. */
  approvable: boolean;
  /** Allowed, and can do no more than look at files. */
  onlyLooks?: boolean;
  /** Of the rules that it was judged by; left out: as the judge says. */
  version?: string;
}

export interface Judge {
  /** Of the rules: an approval that was given under others does not count. */
  readonly version: string;
  /** `input` is parsed. What cannot be judged is not allowed; throws nothing but the reason of `signal`. */
  judge(tool: Tool, input: unknown, signal: AbortSignal): Promise<Verdict>;
}

/** What the model is told of a call that was not allowed: data first, so that it can adjust. */
export function denialText(tool: string, verdict: Verdict, policyVersion: string): string {
  const { code, rule, segment, path, approvable, why, hint } = verdict;
  const data = {
    ...{ decision: 'deny', code, tool, segment, rule, path, retryable: false, approvable },
    ...{ hint: hint ?? 'Do not retry this with another spelling; find another way or leave it out.' },
    policy_version: policyVersion,
  };
  return `${why}\n${JSON.stringify(data)}`;
}
