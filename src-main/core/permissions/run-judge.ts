/** The judge of a run: the published rules, then what its sandbox makes needless to ask, then what is always a person's. */
import type { PermissionMode } from '#contract/routines.ts';
import type { Tool } from '#core/tools/tool.ts';
import { decide } from './decide.ts';
import { type Judge, type Verdict, workspace } from './judge.ts';
import type { FileSystemView } from './places.ts';
import type { Policy } from './policy.ts';
import type { Code, Verdict as RuleVerdict } from './verdict.ts';

/** Only says that the rules do not know the command; inside the sandbox it can do what the run may do anyway. */
const unfamiliar: ReadonlySet<Code> = new Set<Code>([
  ...(['rule.none', 'bash.flag_guard', 'bash.env_assignment', 'bash.cd_combined'] as const),
  ...(['path.outside_worktree', 'path.symlink', 'path.unclear'] as const),
]);
/** What really runs is not known: it may be what a deny or ask rule speaks of. */
const hidden: ReadonlySet<Code> = new Set<Code>([
  ...(['bash.unparsable', 'bash.dynamic_command', 'limit.length', 'limit.work'] as const),
]);

/** No rule speaks of it, in the words of each mode: a skill is text to read, and its commands are judged by themselves. */
const unspoken: ReadonlySet<Code> = new Set<Code>(['rule.none', 'mode.dont_ask', 'auto.unclassified']);

export interface RunRules {
  policy: Policy;
  view: FileSystemView;
  mode: PermissionMode;
  /** Path of the worktree inside the sandbox; `/workspace` when left out. */
  seenAt?: string;
}

/** Modes in which commands run freely inside the sandbox; in the others a rule must allow them. */
const free: ReadonlySet<PermissionMode> = new Set(['acceptEdits', 'plan']);

export function runJudge({ policy, view, mode, seenAt = workspace }: RunRules): Judge {
  const guarded = [...policy.deny.all, ...policy.ask.all].some(
    ({ subject }) => subject.kind === 'bash' || subject.kind === 'path' || subject.kind === 'broken',
  );
  /** What the mode and the sandbox make of a verdict. */
  function settle(tool: Tool, found: RuleVerdict): Verdict {
    if (mode === 'plan' && tool.class === 'edit' && found.decision !== 'deny') return planned(tool);
    if (found.decision !== 'ask') return asVerdict(found);
    if (tool.class === 'report' && found.code === 'rule.none') return { ...asVerdict(found), decision: 'allow' };
    const bounded = unfamiliar.has(found.code) || (hidden.has(found.code) && !guarded);
    // Where others go ahead inside the sandbox, auto mode wants a second opinion, not a person.
    if (tool.class === 'execute' && mode === 'auto' && bounded)
      return { ...asVerdict(found), code: 'auto.unclassified', approvable: true };
    if (tool.class === 'execute' && free.has(mode) && bounded)
      return { ...asVerdict(found), decision: 'allow', code: null, why: 'The sandbox bounds it.' };
    if (found.code === 'auto.destructive' && /^\s*git\b/.test(found.segment ?? '')) return gitOutside(found, seenAt);
    return asVerdict(found);
  }
  return {
    version: policy.version,
    async judge(tool, input) {
      const call = { tool: tool.name, input: input as Record<string, unknown>, cwd: seenAt };
      const found = decide(call, policy, view);
      // A subagent may do no more than its run, and each of its own calls is judged.
      const onlyText = (tool.name === 'Skill' || tool.name === 'Agent') && unspoken.has(found.code);
      return onlyText ? { ...asVerdict(found), decision: 'allow', code: null } : settle(tool, found);
    },
  };
}

function asVerdict(found: RuleVerdict): Verdict {
  const { decision, code, rule, source, segment, path, approvable, hint, change } = found;
  const where = source ? ` (${rule} in ${placeOf(source)})` : '';
  return {
    ...{ decision, rule, segment, path, approvable },
    code: decision === 'allow' ? null : code,
    ...(decision === 'allow' && code === 'read_only' ? { onlyLooks: true } : {}),
    why: `${hint}${where}`,
    hint: change,
    source: source ? `${source.layer}: ${source.file}` : null,
  };
}

/** The routine's own rules stand where the ecosystem has those of a command line; a person knows the file. */
function placeOf({ layer, file }: NonNullable<RuleVerdict['source']>): string {
  if (layer === 'command line' && file) return file;
  return `${layer} settings${file ? `, ${file}` : ''}`;
}

function planned(tool: Tool): Verdict {
  return {
    ...{ decision: 'deny', code: 'mode.plan', rule: null, source: null, segment: null, path: null, approvable: false },
    why: `${tool.name} is denied: this routine runs in plan mode, its worktree is read-only.`,
    hint: 'Describe the change instead and end with Propose.',
  };
}

/** The git directory is read-only inside; a yes would not make it work. */
function gitOutside(found: RuleVerdict, seenAt: string): Verdict {
  return {
    ...asVerdict(found),
    decision: 'deny',
    approvable: false,
    why: 'A run does not write to the git directory: its changes are committed on its own branch when it ends, and a person merges and pushes.',
    hint: `Leave the changes in ${seenAt} and end with Propose.`,
  };
}
