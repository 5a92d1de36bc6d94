/** Whether a hook is for this moment: its matcher, and for tool calls its `if`. */
import { workspace } from '#core/permissions/judge.ts';
import type { HookDefinition } from './definition.ts';

/** Tries a regular expression on a text; somebody else wrote the expression. */
export type TryPattern = (pattern: string, text: string) => boolean;

/** Empty and `*` take everything, a list of names those names, and anything else is a regular expression. */
export function matches(matcher: string, subject: string, pattern: TryPattern): boolean {
  if (matcher === '' || matcher === '*') return true;
  if (/^[\p{L}\p{N}_\s,|-]+$/u.test(matcher))
    return matcher
      .split(/[,|]/)
      .map((name) => name.trim())
      .includes(subject);
  return pattern(matcher, subject);
}

/** The call is one that the rule in `if` speaks of; a rule that nobody understands speaks of every call. */
export async function meets(
  { condition, file }: Pick<HookDefinition, 'condition' | 'file'>,
  tool: string,
  input: Record<string, unknown>,
  seenAt: string = workspace,
): Promise<boolean> {
  if (condition === null) return true;
  // The parsers take long to load, and few hooks have a rule.
  const [{ decide }, { compilePolicy }] = await Promise.all([
    import('#core/permissions/decide.ts'),
    import('#core/permissions/policy.ts'),
  ]);
  const policy = compilePolicy([{ name: 'project', file, allow: [], ask: [], deny: [condition] }], {
    ...{ mode: 'acceptEdits', root: seenAt, home: '/nowhere', unattended: false, os: 'posix' },
  });
  const view = { caseInsensitive: false, normalising: false, readlink: () => null };
  const { code } = decide({ tool, input, cwd: seenAt }, policy, view);
  return code === 'rule.deny' || code === 'rule.broken';
}
