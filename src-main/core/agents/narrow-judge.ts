/** The rules of a run for a subagent whose file narrows its mode: what they allow without naming it is asked or denied. */
import type { PermissionMode } from '#contract/routines.ts';
import type { Judge, Verdict } from '#core/permissions/judge.ts';
import type { Tool } from '#core/tools/tool.ts';

/** `mode` null: as the run has it. Never wider than `judge`. */
export function narrowJudge(judge: Judge, mode: PermissionMode | null): Judge {
  if (mode === null || mode === 'acceptEdits' || mode === 'auto') return judge;
  return {
    version: judge.version,
    async judge(tool, input, signal) {
      const found = await judge.judge(tool, input, signal);
      return found.decision === 'allow' && changes(tool, found) ? narrowed(found, tool, mode) : found;
    },
  };
}

/** No rule speaks for it, and it can do more than look. */
function changes(tool: Tool, { rule, onlyLooks }: Verdict): boolean {
  return rule === null && !onlyLooks && (tool.class === 'edit' || tool.class === 'execute');
}

function narrowed(found: Verdict, tool: Tool, mode: Exclude<PermissionMode, 'acceptEdits' | 'auto'>): Verdict {
  if (mode === 'default')
    return {
      ...found,
      ...{ decision: 'ask', code: 'rule.none', approvable: true },
      why: `${tool.name} is asked: this kind of subagent works in the mode "default", and no rule allows it.`,
    };
  return {
    ...found,
    ...{ decision: 'deny', code: mode === 'plan' ? 'mode.plan' : 'mode.dont_ask', approvable: false },
    why: `${tool.name} is denied: this kind of subagent works in the mode "${mode}".`,
    hint: 'Leave it out, and say in your last words what is missing.',
  };
}
