/** Whether a rule alone would allow a call, asked of the rule engine itself: what it keeps for a person stays a person's. */
import { decide } from '#core/permissions/decide.ts';
import { workspace } from '#core/permissions/judge.ts';
import { plainView } from '#core/permissions/places.ts';
import { compilePolicy } from '#core/permissions/policy.ts';

/** `cwd`: path of the worktree inside the sandbox. */
export function covers(rule: string, tool: string, input: unknown, cwd: string = workspace): boolean {
  const layer = { name: 'grant', file: 'grant', allow: [rule], ask: [], deny: [] } as const;
  const policy = compilePolicy([layer], {
    ...{ mode: 'default', root: cwd, home: '/', unattended: false, os: 'posix', outward: true },
  });
  const fields = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  const { decision, code } = decide({ tool, input: fields, cwd }, policy, plainView);
  return decision === 'allow' && code === 'rule.allow';
}
