/** The `hooks` of one settings file, read: what can be run here, and what cannot and why. */
import { z } from 'zod';
import { type Hook, type HookMoment, hookMoments } from '#contract/hooks.ts';
import type { InstructionLayer, InstructionProblem } from '#contract/instructions.ts';

/** A hook as it is to be run. */
export interface HookDefinition extends Omit<Hook, 'state'> {
  /** Permission rule that a tool call must match; null: every call that the matcher takes. */
  condition: string | null;
  /** What cannot be run, or gives no proper answer, says no. */
  blocksOnFailure: boolean;
}

const Group = z.looseObject({ matcher: z.string().max(1000).optional(), hooks: z.array(z.unknown()).max(100) });
const Entry = z.looseObject({
  type: z.string(),
  command: z.string().trim().min(1).max(10_000),
  args: z.array(z.string().max(10_000)).max(100).optional(),
  timeout: z.number().positive().optional(),
  if: z.string().max(2000).optional(),
  shell: z.string().optional(),
  onFailure: z.enum(['continue', 'block']).optional(),
  async: z.boolean().optional(),
});

/** Seconds, as the published format has them; the end of a session waits for nobody for long. */
const usual: Partial<Record<HookMoment, number>> = { UserPromptSubmit: 30, SessionEnd: 10 };
const [usualTimeout, longestTimeout, longestAtEnd] = [600, 600, 60];
const mostHooks = 200;
const ofTools: ReadonlySet<HookMoment> = new Set<HookMoment>(['PreToolUse', 'PostToolUse', 'PostToolUseFailure']);
const isMoment = (name: string): name is HookMoment => (hookMoments as readonly string[]).includes(name);

/** `hooks` as it stands in the file. Never throws: what does not count is a problem that names the place. */
export function readHooks(
  hooks: unknown,
  layer: InstructionLayer,
  file: string,
): { hooks: HookDefinition[]; problems: InstructionProblem[] } {
  const found: HookDefinition[] = [];
  const problems: InstructionProblem[] = [];
  const refuse = (message: string, cure: string) => void problems.push({ path: file, message, cure });
  if (hooks === undefined || hooks === null) return { hooks: found, problems };
  const moments = z.record(z.string(), z.array(z.unknown())).safeParse(hooks);
  if (!moments.success) {
    refuse(
      'its `hooks` are not lists by the names of moments',
      'Write {"PreToolUse": [{"matcher": …, "hooks": […]}]}.',
    );
    return { hooks: found, problems };
  }
  for (const [name, groups] of Object.entries(moments.data)) {
    if (!isMoment(name)) {
      refuse(
        `hooks.${name.slice(0, 60)}: there is no such moment here`,
        'Nothing of it is run; take it away, or leave it for others.',
      );
      continue;
    }
    for (const [index, group] of groups.entries()) readGroup(name, `hooks.${name}[${index}]`, group);
  }
  return { hooks: found, problems };

  function readGroup(moment: HookMoment, place: string, group: unknown): void {
    const read = Group.safeParse(group);
    if (!read.success) {
      refuse(`${place} is not what it must be`, 'Give it a `matcher` and a list of `hooks`.');
      return;
    }
    const { matcher = '', hooks: entries } = read.data;
    const bad = badMatcher(matcher);
    if (bad) {
      refuse(`${place}: its matcher is no regular expression (${bad})`, 'Mend it; until then it is not run.');
      return;
    }
    for (const [index, entry] of entries.entries()) {
      const hook = readEntry(moment, matcher, entry);
      if (typeof hook === 'string') refuse(`${place}.hooks[${index}] ${hook}`, 'Mend it; until then it is not run.');
      else if (found.length === mostHooks) refuse(`there are more than ${mostHooks} hooks`, 'Take some away.');
      else found.push(hook);
      if (Entry.safeParse(entry).data?.async)
        refuse(`${place}.hooks[${index}] is waited for: \`async\` does nothing here`, 'Nothing needs to be done.');
    }
  }

  function readEntry(moment: HookMoment, matcher: string, entry: unknown): HookDefinition | string {
    const type = (entry as { type?: unknown } | null)?.type;
    if (type !== undefined && type !== 'command')
      return `is of the type ${JSON.stringify(type)?.slice(0, 40)}: only commands are run here${instead[String(type)] ?? ''}`;
    const read = Entry.safeParse(entry);
    if (!read.success) {
      const field = read.error.issues[0]?.path.join('.');
      return field ? `has a \`${field}\` that is not what it must be` : 'is not what it must be';
    }
    const { command, args, timeout, if: condition = null, shell, onFailure } = read.data;
    if (shell !== undefined && shell !== 'bash') return `is for ${shell.slice(0, 20)}: a sandbox runs bash`;
    if (condition !== null && !ofTools.has(moment)) return 'has an `if`, which is for tool calls alone';
    const longest = moment === 'SessionEnd' ? longestAtEnd : longestTimeout;
    return {
      ...{ moment, matcher, layer, file, condition },
      command: args ? [command, ...args].map(quoted).join(' ') : command,
      timeout: Math.min(timeout ?? usual[moment] ?? usualTimeout, longest),
      blocksOnFailure: onFailure === 'block',
    };
  }
}

/** Why a published type is none here, and what does its work. */
const instead: Record<string, string> = {
  http: '; nothing calls an address past the proxy of a run, but a command may, where the run may reach that host',
  prompt: '; what a model is to judge is a goal or a rubric, whose verdict is held against evidence',
  agent: '; what an agent is to judge is a rubric, whose grader has read-only hands',
  mcp_tool: '; a run has no connectors',
};

/** One word for bash, whatever it holds. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function badMatcher(matcher: string): string | null {
  try {
    new RegExp(matcher === '*' ? '' : matcher);
    return null;
  } catch (error) {
    return (error as Error).message.slice(0, 100);
  }
}
