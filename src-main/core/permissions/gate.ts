/** allow | deny(reason) for one tool call. Pure. Nobody is there at night, so there is no third answer that waits. */
import type { PermissionMode } from '#contract/routines.ts';
import type { ToolClass } from '#core/tools/tool.ts';

export type Decision = { allow: true } | { allow: false; code: string; text: string };

/** The sandbox is the boundary; the mode narrows what may be tried inside it. */
export function decide(tool: { name: string; class: ToolClass }, mode: PermissionMode): Decision {
  switch (mode) {
    case 'acceptEdits':
      return { allow: true };
    case 'plan':
      if (tool.class !== 'edit') return { allow: true };
      return {
        allow: false,
        code: 'mode.plan',
        text: `${tool.name} is denied: this routine runs in plan mode, its worktree is read-only. Describe the change instead and end with Propose.`,
      };
  }
}
