/** The judge of a run without any rules: its mode alone decides. */
import type { PermissionMode } from '#contract/routines.ts';
import type { Judge, Verdict } from './judge.ts';

const allowed: Verdict = {
  ...{ decision: 'allow', code: null, why: 'Allowed.', hint: null, rule: null, source: null },
  ...{ segment: null, path: null, approvable: false },
};

/** The sandbox is the boundary; the mode narrows what may be tried inside it. */
export function modeJudge(mode: PermissionMode): Judge {
  return {
    version: `mode:${mode}`,
    async judge(tool) {
      if (mode !== 'plan' || tool.class !== 'edit') return allowed;
      return {
        ...allowed,
        decision: 'deny',
        code: 'mode.plan',
        why: `${tool.name} is denied: this routine runs in plan mode, its worktree is read-only.`,
        hint: 'Describe the change instead and end with Propose.',
      };
    },
  };
}
